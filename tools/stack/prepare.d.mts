export declare function nodeProblem(version: string, engines: string): string | null;
export declare function prepare(needs: { build: boolean }): Promise<void>;
export declare function fail(message: string): never;

interface LockedPackage {
  readonly version?: string;
  readonly optional?: boolean;
}
export declare function holdsAll(
  installed: Readonly<Record<string, LockedPackage>>,
  wanted: Readonly<Record<string, LockedPackage>>,
): boolean;
