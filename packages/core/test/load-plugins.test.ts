import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { definePlugin, loadPlugins, type PluginManifest, PluginSet, pluginPackages, silentLog } from "../src/plugin.ts";

let folder = "";

/** Installs a package below `folder` whose `./plugin` entry is `source`. */
function install(name: string, source: string, entry: unknown = { types: "./x.d.ts", import: "./plugin.js" }): void {
  const root = join(folder, "node_modules", name);
  mkdirSync(root, { recursive: true });
  const manifest = {
    name,
    version: "1.0.0",
    type: "module",
    exports: { "./plugin": entry },
    "flyte-ts": { plugin: "./plugin" },
  };
  writeFileSync(join(root, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(root, "plugin.js"), source);
}

const manifest = (
  name: string,
  type: string,
  executor = `({ executeFromModel: async () => ({ by: "${name}" }) })`,
): string =>
  `export default { specVersion: 1, name: "${name}", version: "1.0.0", provides: { executors: { "${type}": async () => ${executor} } } };`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flyte-ts-plugins-"));
  const names = ["plugin-one", "@scope/plugin-two", "plugin-broken", "plain"];
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "project", dependencies: Object.fromEntries(names.map((name) => [name, "*"])) }),
  );
  install("plugin-one", manifest("plugin-one", "one"));
  install("@scope/plugin-two", manifest("@scope/plugin-two", "two"), { default: "./plugin.js" });
  install("plugin-broken", 'throw new Error("no native module")');
  install("plugin-future", "export default { specVersion: 7, name: 'plugin-future', version: '1.0.0', provides: {} };");
  install("plugin-other", "export default { sizes: [1, 2] };");
  install("plugin-twin", manifest("plugin-twin", "one"));
  mkdirSync(join(folder, "node_modules/plain"));
  writeFileSync(join(folder, "node_modules/plain/package.json"), '{"name":"plain"}');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the variable takes commas and white space", () => {
  expect(pluginPackages({ FLYTE_TS_PLUGINS: " a, @b/c\n d,,a " })).toEqual(["a", "@b/c", "d"]);
  expect(pluginPackages({ FLYTE_TS_PLUGINS: " " })).toBeUndefined();
  expect(pluginPackages({})).toBeUndefined();
});

test("without names, the project's dependencies that say they are plugins are loaded, and a broken one is named", async () => {
  const lines: string[] = [];
  const plugins = await loadPlugins({ directory: folder, log: { ...silentLog, error: (line) => lines.push(line) } });
  expect(plugins.executorTaskTypes).toEqual(["one", "two"]);
  expect(plugins.broken.map(({ name }) => name)).toEqual(["plugin-broken"]);
  expect(lines).toEqual([expect.stringContaining("the plugin plugin-broken is broken: no native module")]);
});

test("only the named plugins are loaded, from wherever they are seen", async () => {
  const plugins = await loadPlugins({
    packages: ["@scope/plugin-two"],
    directory: tmpdir(),
    otherDirectories: [folder],
    log: silentLog,
  });
  expect(plugins.executorTaskTypes).toEqual(["two"]);
  await expect(plugins.executor("two")).resolves.toHaveProperty("executeFromModel");
});

test("strict makes a broken plugin an error", async () => {
  const load = (name: string) => loadPlugins({ packages: [name], directory: folder, strict: true, log: silentLog });
  await expect(load("plugin-broken")).rejects.toThrow("no native module");
  await expect(load("plugin-none")).rejects.toThrow("npm install plugin-none");
  await expect(load(";rm")).rejects.toThrow("the plugin ;rm is not installed: that is no package's name");
  await expect(load("plugin-other")).rejects.toThrow(
    /plugin-other is broken: [^:]*plugin\.js has a default export that is no plugin's manifest: it has no specVersion/,
  );
  await expect(load("plugin-future")).rejects.toThrow("specVersion 7, where this host serves 1");
});

test("two plugins for one task type are refused, with both names", async () => {
  const both = loadPlugins({ packages: ["plugin-one", "plugin-twin"], directory: folder, log: silentLog });
  await expect(both).rejects.toThrow('plugin-one and plugin-twin both run the task type "one"');
});

test("an unknown task type lists those that are present, and the broken plugins", async () => {
  const plugins = await loadPlugins({ packages: ["plugin-one", "plugin-broken"], directory: folder, log: silentLog });
  await expect(plugins.executor("sqlite")).rejects.toMatchObject({
    code: "UnknownTaskType",
    kind: "system",
    message: expect.stringMatching(/"sqlite"; present are "one"; the plugin plugin-broken is broken/),
  });
});

test("an executor that cannot be loaded names its plugin", async () => {
  const broken: PluginManifest = definePlugin({
    specVersion: 1,
    name: "p",
    version: "1.0.0",
    provides: { executors: { x: async () => Promise.reject(new Error("no such binding")) } },
  });
  await expect(new PluginSet([broken]).executor("x")).rejects.toMatchObject({
    code: "MissingPackage",
    message: expect.stringMatching(/plugin p .* no such binding/),
  });
});
