/**
 * The suites that every implementation of a contract passes. They bring no test runner: `test` is an argument.
 * @module
 */
export {};
