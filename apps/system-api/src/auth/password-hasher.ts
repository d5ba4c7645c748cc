import { Injectable } from '@nestjs/common';
import argon2 from 'argon2';

/** 19 MiB, two passes, one lane: OWASP's least for argon2id. Raise them and every sign-in brings its hash up. */
const PARAMETERS = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** Hashing takes a core and much memory: more at once would starve everything else. */
const AT_ONCE = 2;

/** argon2id, a few at a time. */
@Injectable()
export class PasswordHasher {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private decoy: Promise<string> | undefined;

  hash(password: string): Promise<string> {
    return this.limited(() => argon2.hash(password, PARAMETERS));
  }

  /**
   * Takes the same time for a user that does not exist.
   * @param hash null when there is no such user
   */
  async verify(hash: string | null, password: string): Promise<boolean> {
    this.decoy ??= this.hash('the password of nobody');
    const against = hash ?? (await this.decoy);
    const matches = await this.limited(() => argon2.verify(against, password));
    return matches && hash !== null;
  }

  /** True when the hash was made with lower parameters than today's. */
  isOutdated(hash: string): boolean {
    return argon2.needsRehash(hash, PARAMETERS);
  }

  private async limited<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= AT_ONCE) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running++;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }
}
