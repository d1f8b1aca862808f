/** How a suite names its cases to a test runner: `test` of `node:test`, vitest and their like fits. */
export type ContractTest = (name: string, run: () => Promise<void>) => unknown;
