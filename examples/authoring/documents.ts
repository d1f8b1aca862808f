import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { t, task, workflow } from "@flyte-ts/core";

const reading = t.object({ place: t.string, celsius: t.float, tags: t.list(t.string) });

/** Objects have typed fields, which other tasks can be given one by one. */
export const parse = task({
  name: "parse",
  inputs: { line: t.string },
  output: reading,
  run: ({ line }) => {
    const [place = "", celsius = "0", ...tags] = line.split(/\s*,\s*/);
    return { place, celsius: Number(celsius), tags };
  },
});

export const note = task({
  name: "note",
  inputs: { place: t.string, firstTag: t.string },
  output: t.file("txt"),
  run: async ({ place, firstTag }, { workingDirectory }) => {
    const path = join(workingDirectory, "note.txt");
    await writeFile(path, `${place} is ${firstTag}\n`);
    return path;
  },
});

export const documents = workflow({
  name: "documents",
  inputs: { line: t.string },
  build: ({ line }) => {
    const parsed = parse({ line });
    return { reading: parsed, note: note({ place: parsed.o0.at("place"), firstTag: parsed.o0.at("tags", 0) }) };
  },
});
