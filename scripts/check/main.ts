/**
 * `npm run check`: what must hold for the repository besides its tests. Each check stands in a file of its own.
 *
 *     npm run check                      all of them
 *     npm run check -- imports house     these
 *     npm run check -- api --update      writes what a check would compare
 */
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { api } from "./api.ts";
import { attw } from "./attw.ts";
import { biome } from "./biome.ts";
import { changeset } from "./changeset.ts";
import type { Check, Outcome } from "./check.ts";
import { entries } from "./entries.ts";
import { house } from "./house.ts";
import { imports } from "./imports.ts";
import { knip } from "./knip.ts";
import { lockfile } from "./lockfile.ts";
import { plugins } from "./plugins.ts";
import { Project } from "./project.ts";
import { publint } from "./publint.ts";
import { readme } from "./readme.ts";
import { types } from "./types.ts";

// The costly ones first: what they share (build, tarballs) is then under way while the quick ones run.
const checks: readonly Check[] = [
  types,
  entries,
  api,
  readme,
  attw,
  publint,
  biome,
  knip,
  imports,
  plugins,
  house,
  lockfile,
  changeset,
];
const atOnce = 2;
const shown = 40;

async function outcome(check: Check, project: Project): Promise<Outcome> {
  try {
    return await check.run(project);
  } catch (error) {
    return { summary: "", findings: [error instanceof Error ? error.message : String(error)] };
  }
}

function print(check: Check, { summary, findings }: Outcome, startedAt: number, all: boolean): void {
  const seconds = `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  const found = findings.length === 0 ? summary : `${findings.length} finding${findings.length === 1 ? "" : "s"}`;
  console.log(`${findings.length === 0 ? "ok  " : "FAIL"} ${check.name.padEnd(10)} ${found} (${seconds})`);
  const some = all ? findings : findings.slice(0, shown);
  for (const finding of some) console.log(`     ${finding.replaceAll("\n", "\n       ")}`);
  const rest = findings.length - some.length;
  if (rest > 0) console.log(`     … and ${rest} more: npm run check -- ${check.name}`);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { update: { type: "boolean", default: false } },
  });
  const unknown = positionals.filter((name) => !checks.some((check) => check.name === name));
  if (unknown.length > 0) {
    console.error(`no check is called ${unknown.join(", ")}; there are ${checks.map(({ name }) => name).join(", ")}`);
    return 1;
  }
  const chosen = positionals.length === 0 ? checks : checks.filter(({ name }) => positionals.includes(name));
  const scratch = mkdtempSync(join(realpathSync(tmpdir()), "flyte-ts-check-"));
  const project = new Project(dirname(dirname(import.meta.dirname)), { scratch, update: values.update });
  const queue = [...chosen];
  let failed = 0;
  const worker = async (): Promise<void> => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
      const startedAt = performance.now();
      const result = await outcome(check, project);
      if (result.findings.length > 0) failed += 1;
      print(check, result, startedAt, positionals.length > 0);
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, worker));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  console.log(`${chosen.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
