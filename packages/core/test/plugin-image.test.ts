import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { pluginImage } from "../src/plugin.ts";

const sqlite3 = { name: "@flyte-ts/sqlite3", version: "1.2.3" };
let project: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "flyte-ts-image-"));
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

const config = (name: string, text: string) => writeFileSync(join(project, name), text);
const image = (options: { registry?: string; env?: Record<string, string>; cwd?: string } = {}) =>
  pluginImage(sqlite3, { env: {}, cwd: project, ...options });

describe("the image of a plugin", () => {
  test("is registry, unscoped package name and package version", () => {
    expect(image()).toBe("ghcr.io/flyte-ts/sqlite3:1.2.3");
    expect(pluginImage({ name: "flyte-snow", version: "0.1.0-rc.1" }, { registry: "localhost:5000/team" })).toBe(
      "localhost:5000/team/flyte-snow:0.1.0-rc.1",
    );
  });

  test("takes a version's build part, which no tag can hold as it is", () => {
    expect(pluginImage({ name: "a", version: "1.0.0+b5" }, { registry: "r" })).toBe("r/a:1.0.0_b5");
  });

  test("finds the registry in the argument before the variable before the file", () => {
    config("flyte-ts.config.json", '{ "imageRegistry": "file.example" }');
    const env = { FLYTE_TS_IMAGE_REGISTRY: "variable.example" };
    expect(image({ registry: "argument.example", env })).toBe("argument.example/sqlite3:1.2.3");
    expect(image({ env })).toBe("variable.example/sqlite3:1.2.3");
    expect(image({ env: { FLYTE_TS_IMAGE_REGISTRY: "" } })).toBe("file.example/sqlite3:1.2.3");
  });

  test("finds the file in the nearest folder above", () => {
    const inner = join(project, "a/b/c");
    mkdirSync(inner, { recursive: true });
    config("flyte-ts.config.json", '{ "imageRegistry": "outer.example" }');
    expect(image({ cwd: inner })).toBe("outer.example/sqlite3:1.2.3");
    config("a/flyte-ts.config.json", '{ "imageRegistry": "nearer.example" }');
    expect(image({ cwd: inner })).toBe("nearer.example/sqlite3:1.2.3");
  });

  test.each([
    ["a default export", 'const registry: string = "ts.example/x"; export default { imageRegistry: registry };'],
    ["a named export", 'export const imageRegistry: string = "ts.example/x";'],
  ])("reads a configuration in TypeScript, as %s", (_, text) => {
    config("flyte-ts.config.ts", text);
    config("package.json", '{ "type": "module" }');
    expect(image()).toBe("ts.example/x/sqlite3:1.2.3");
  });

  test("leaves a configuration without a registry at the default", () => {
    config("flyte-ts.config.json", '{ "somethingElse": 1 }');
    expect(image()).toBe("ghcr.io/flyte-ts/sqlite3:1.2.3");
  });
});

describe("a wrong registry is refused with its source and value", () => {
  test.each([
    "https://ghcr.io/x",
    "ghcr.io/x/",
    "ghcr.io/Upper",
    "",
    "a b",
    "host:port",
    "-x.example",
    "ghcr.io/x:tag",
  ])("%j", (registry) => {
    expect(() => image({ registry })).toThrow(/^the argument registry is ".*", which is no registry: give host/);
  });

  test("in the variable", () => {
    expect(() => image({ env: { FLYTE_TS_IMAGE_REGISTRY: "http://x" } })).toThrow(
      /^FLYTE_TS_IMAGE_REGISTRY is "http:\/\/x"/,
    );
  });

  test.each([
    ['{ "imageRegistry": "x/" }', /imageRegistry in .*flyte-ts\.config\.json is "x\/"/],
    ['{ "imageRegistry": 5 }', /must be a text, and is 5/],
    ['{ "imageRegistri": "x" }', /flyte-ts\.config\.json has the field "imageRegistri"; did you mean "imageRegistry"/],
    ["[]", /must be an object, and is \[\]/],
    ["{", /cannot read the configuration .*flyte-ts\.config\.json/],
  ])("in the file: %s", (text, message) => {
    config("flyte-ts.config.json", text);
    expect(() => image()).toThrow(message);
  });

  test("when two files of one folder contend", () => {
    config("flyte-ts.config.json", "{}");
    config("flyte-ts.config.ts", "export default {};");
    expect(() => image()).toThrow(/both configure this project: keep one/);
  });
});

test.each([
  { name: "@a/Upper", version: "1.0.0" },
  { name: "@a/b", version: "" },
  { name: "@a/b", version: "1 0" },
])("a package that makes no image reference is refused: $name@$version", (info) => {
  expect(() => pluginImage(info, { registry: "r" })).toThrow(/gives no image/);
});
