export declare function nodeProblem(version: string, engines: string): string | null;
export declare function prepare(needs: { build: boolean }): Promise<void>;
export declare function fail(message: string): never;
