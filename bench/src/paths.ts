import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** A command that the checkout installs. */
export const installed = (name: string): string => join(root, "node_modules/.bin", name);

/** A file of this room. */
export const benchFile = (...parts: readonly string[]): string => join(root, "bench", ...parts);
