/**
 * The program `flyte-ts`. It imports nothing before it has looked at Node's version: an older Node would stop at the first
 * import with an error that says nothing to anybody.
 * @module
 */
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major > 22 || (major === 22 && minor >= 18)) {
  process.getBuiltinModule("node:module").enableCompileCache();
  const { runProgram } = await import("./program.ts");
  await runProgram(process.argv.slice(2));
} else {
  process.stderr.write(
    `flyte-ts needs Node 22.18 or newer; this is ${process.versions.node} (${process.execPath}): install one from https://nodejs.org\n`,
  );
  process.exitCode = 1;
}

export {};
