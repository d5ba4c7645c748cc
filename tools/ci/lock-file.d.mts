interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export declare function missingEntries(lock: {
  readonly packages: Readonly<Record<string, LockEntry>>;
}): Record<string, LockEntry>;
export declare function downloadAddresses(text: string): string[];
