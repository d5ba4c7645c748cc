import { gzipSync } from 'node:zlib';

/** What a build has made of one file; as Vite names it. */
interface BuiltFile {
  readonly type: 'chunk' | 'asset';
  readonly fileName: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
  readonly code?: string;
}

/** Bytes of script, gzipped, that the first view loads: the entry and what it imports at once, not the lazy chunks. */
export function firstLoadBytes(bundle: Readonly<Record<string, BuiltFile>>): number {
  const seen = new Set<string>();
  const visit = (fileName: string): void => {
    if (seen.has(fileName)) return;
    seen.add(fileName);
    bundle[fileName]?.imports?.forEach(visit);
  };
  for (const file of Object.values(bundle)) if (file.isEntry) visit(file.fileName);
  return [...seen].reduce((sum, fileName) => sum + gzipSync(bundle[fileName]?.code ?? '').length, 0);
}

/** Fails a build whose first view loads more script than `maxBytes`, gzipped. */
export function firstLoadBudget(maxBytes: number) {
  return {
    name: 'first-load-budget',
    generateBundle(_options: unknown, bundle: Readonly<Record<string, BuiltFile>>): void {
      const bytes = firstLoadBytes(bundle);
      if (bytes <= maxBytes) return;
      const [has, may] = [bytes, maxBytes].map((size) => `${Math.ceil(size / 1000)} kB`);
      throw new Error(`The first view loads ${has} of gzipped script; it may load ${may}. Make a page or a part lazy.`);
    },
  };
}
