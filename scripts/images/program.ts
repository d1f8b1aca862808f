import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Is a script's process: does its work with a folder that is removed afterwards. An error becomes one message and exit
 * code 1.
 * @param name what messages begin with
 */
export async function runProgram(name: string, work: (scratch: string) => Promise<void>): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), `flyte-ts-${name}-`));
  try {
    await work(scratch);
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
