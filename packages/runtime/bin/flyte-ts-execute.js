#!/usr/bin/env node
// The compiled code of an earlier start is used again (NODE_COMPILE_CACHE names its folder, in an image a baked one);
// that has to be said before the first module is loaded. Neither would load on an older Node, which is told first.
import module from "node:module";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major > 22 || (major === 22 && minor >= 18)) {
  module.enableCompileCache?.();
  await import("../dist/execute.js");
} else {
  process.stderr.write(
    `flyte-ts-execute needs Node 22.18 or newer; this is ${process.versions.node} (${process.execPath})\n`,
  );
  process.exitCode = 1;
}
