import { pythonVariable } from "./python.ts";
import { preparePython } from "./python-environment.ts";

/** The part of the suites' setup that all share: tests find Python by the variable. */
export async function setup(): Promise<void> {
  process.env[pythonVariable] = await preparePython();
}
