/** Makes a `switch` over a union fail to compile when a case is missing, and fail loudly should one arrive anyway. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}
