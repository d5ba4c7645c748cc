import { randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { objectionTo, type PasswordContext } from '../auth/password-rules.js';
import { PasswordHasher } from '../auth/password-hasher.js';
import { ApiProblem } from '../shared/api-problem.js';

/** Without signs that look alike. */
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';
const GROUPS = 4;
const GROUP_LENGTH = 5;

export interface ChosenPassword {
  readonly hash: string;
  /** Told once; null when a person chose it. */
  readonly told: string | null;
}

/** Makes or checks new passwords. */
@Injectable()
export class Passwords {
  constructor(private readonly hasher: PasswordHasher) {}

  /**
   * @param pointer of the field in the request, such as `/password`
   * @throws {ApiProblem} 400 when the password is one of those that are tried first
   */
  async accept(password: string, context: PasswordContext, pointer: string): Promise<string> {
    const objection = objectionTo(password, context);
    if (objection !== null) {
      const errors = [{ pointer, detail: objection }];
      throw new ApiProblem(400, { code: 'WEAK_PASSWORD', detail: `The password ${objection}.`, errors });
    }
    return this.hasher.hash(password);
  }

  /** The given password, or a random one of 100 bits that is told once. */
  async choose(given: string | undefined, context: PasswordContext): Promise<ChosenPassword> {
    if (given !== undefined) return { hash: await this.accept(given, context, '/password'), told: null };
    const told = randomPassword();
    return { hash: await this.hasher.hash(told), told };
  }
}

export function randomPassword(): string {
  const group = () => Array.from({ length: GROUP_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return Array.from({ length: GROUPS }, group).join('-');
}
