/** What is used of WebAssembly, which TypeScript describes only together with the whole DOM. */
export interface WasmModule {
  readonly [Symbol.toStringTag]: string;
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /**
   * @param pages of 64 KiB more; the buffer before is empty afterwards
   * @throws {RangeError} when there is no more
   */
  grow(pages: number): number;
}

type Imports = Readonly<Record<string, Readonly<Record<string, (...values: never[]) => unknown>>>>;

interface Wasm {
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (module: WasmModule, imports: Imports) => { readonly exports: unknown };
}

export const wasm = (globalThis as unknown as { readonly WebAssembly: Wasm }).WebAssembly;
