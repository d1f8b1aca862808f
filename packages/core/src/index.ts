/**
 * For authors of workflows.
 * @module
 */
export { FlyteError, type FlyteErrorCode, type FlyteErrorKind, type FlyteErrorOptions } from "./errors/flyte-error.ts";
