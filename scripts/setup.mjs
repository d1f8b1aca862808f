// Makes a fresh checkout ready: installs what the lock file names and generates the protobuf code, each only when it is
// out of date. It runs before anything is installed, on whatever Node the machine has, so it is plain JavaScript
// without dependencies. What runs after it uses the Node that the root's devDependencies pin.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** True when every package of the lock file stands in node_modules in that version. */
function installed() {
  const hidden = join(root, "node_modules/.package-lock.json");
  if (!existsSync(hidden)) return false;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const present = JSON.parse(readFileSync(hidden, "utf8")).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith("node_modules/")) return true;
    const found = present[path];
    return found === undefined ? entry.optional === true || entry.peer === true : found.version === entry.version;
  });
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (error !== undefined) console.error(`setup: cannot run ${command}: ${error.message}`);
  if (status !== 0) {
    console.error(`setup: "${[command, ...args].join(" ")}" failed`);
    process.exit(2);
  }
}

if (!installed()) {
  console.error("setup: installing what package-lock.json names");
  run("npm", ["ci", "--no-fund", "--no-audit", "--loglevel=error"]);
}
run(join(root, "node_modules/.bin/node"), [join(root, "packages/idl/scripts/generate.ts")]);
