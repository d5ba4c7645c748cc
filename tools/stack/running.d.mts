import type { StackState } from './src/state.js';

export declare const ROOT: string;
export declare function runningPid(root?: string): number | null;
export declare function runningState(root?: string): StackState | null;
export declare function readState(file: string): StackState | null;
export declare function takeLock(root?: string): boolean;
export declare function releaseLock(root?: string): void;
