import { pythonProgram } from "@flyte-ts/interop/python";
import { type BenchCase, cpu, peak, type Turn, wall } from "../src/bench-case.ts";
import { manyNodes, manyTasks, type Sources } from "../src/package-sources.ts";
import { installed } from "../src/paths.ts";

const figures: BenchCase["figures"] = [{ ...wall, aim: "8" }, cpu, peak];

const ours =
  ({ folder, name }: Sources): Turn =>
  (place) => ({
    argv: [installed("flyte-ts"), "package", `${name}.ts`, "--image", "img:1", "--output", `${place}.tgz`],
    cwd: folder,
  });
const peer =
  ({ folder, name }: Sources): Turn =>
  (place) => {
    const options = ["--image", "img:1", "--source", folder, "--output", `${place}.tgz`];
    return { argv: [pythonProgram("pyflyte"), "--pkgs", name, "package", ...options], cwd: folder };
  };

/** A workflow of 1,000 calls, from its file to the archive; 4,000 beside it show what more calls cost. */
export const packageNodes: BenchCase = {
  name: "package-nodes",
  figures,
  async prepare() {
    const [few, many] = [await manyNodes(1000), await manyNodes(4000)];
    return {
      ours: ours(few),
      peer: peer(few),
      others: { "flyte-ts, 4,000 nodes": ours(many), "flytekit, 4,000 nodes": peer(many) },
    };
  },
};

/** A file of 200 tasks. */
export const packageTasks: BenchCase = {
  name: "package-tasks",
  figures,
  async prepare() {
    const sources = await manyTasks(200);
    return { ours: ours(sources), peer: peer(sources) };
  },
};
