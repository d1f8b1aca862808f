#!/usr/bin/env node
// The compiled code of an earlier start is used again (NODE_COMPILE_CACHE names its folder, in an image a baked one);
// that has to be said before the first module is loaded.
import module from "node:module";

module.enableCompileCache?.();
await import("../dist/execute.js");
