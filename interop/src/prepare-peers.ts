import { type EmulatorName, installedEmulators } from "./emulators/emulator-tools.ts";
import { pythonVariable } from "./python.ts";
import { preparePython } from "./python-environment.ts";

/** The emulators that the suite starts. */
const emulators: readonly EmulatorName[] = ["moto", "versitygw", "gcs", "azurite", "localbq"];

/**
 * The part of the suites' setup that all share. What a machine needs once is installed here, one after the other: built
 * beside running tests, it would outlast their time. Tests find Python by the variable.
 */
export async function setup(): Promise<void> {
  process.env[pythonVariable] = await preparePython();
  for (const name of emulators) await installedEmulators(name);
}
