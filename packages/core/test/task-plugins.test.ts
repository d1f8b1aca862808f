import { compile, FlyteContext, type Types, t, task, workflow } from "@flyte-ts/core";
import {
  type ConfiguredTaskParts,
  definePlugin,
  FunctionTask,
  packageInfo,
  TaskPlugins,
  TemplateTask,
} from "@flyte-ts/core/plugin";
import { expect, expectTypeOf, test } from "vitest";

const settings = { project: "p", domain: "d", version: "v", module: "m.ts", image: "img:1", imageRegistry: "r" };

/** A plugin whose tasks run the author's function, with more in the template. */
class Cluster {
  readonly workers: number;
  constructor(workers: number) {
    this.workers = workers;
  }
}
class ClusterTask extends FunctionTask<Types, Types, unknown> {
  constructor(parts: ConfiguredTaskParts<Cluster>) {
    super(parts, "cluster");
  }
  override custom() {
    return { workers: (this.config as Cluster).workers };
  }
}

/** A plugin whose tasks run from their template alone. */
class Shout {
  readonly mark: string;
  constructor(mark: string) {
    this.mark = mark;
  }
}
const manifest = definePlugin({
  specVersion: 1,
  ...packageInfo(import.meta.url),
  provides: {
    executors: {
      shout: async () => ({ executeFromModel: async (template, { x }) => ({ o0: `${x}${template.custom?.mark}` }) }),
    },
  },
});
class ShoutTask extends TemplateTask<Types, Types, unknown> {
  constructor({ name, inputs, outputs, unwrapped, config, run: _, ...options }: ConfiguredTaskParts<Shout>) {
    const plugin = { package: { name: "shout", version: "1.0.0" }, manifest: async () => ({ default: manifest }) };
    super("shout", { name, inputs, outputs, unwrapped }, plugin, { ...options, config });
  }
  override custom() {
    return { mark: (this.config as Shout).mark };
  }
}

FlyteContext.default().taskPlugins.register(Cluster, ClusterTask);
FlyteContext.default().taskPlugins.register(Shout, ShoutTask);

const double = task({
  name: "plugins.double",
  inputs: { x: t.int },
  output: t.int,
  config: new Cluster(3),
  retries: 1,
  run: ({ x }) => 2 * x,
});
const shout = task({
  name: "plugins.shout",
  inputs: { x: t.string },
  output: t.string,
  config: new Shout("!"),
  run: () => {
    throw new Error("never run");
  },
});

test("a config makes the task one of the class that is registered for it", async () => {
  expectTypeOf(double({ x: 2 })).resolves.toEqualTypeOf<number>();
  expect(await double({ x: 2 })).toBe(4);
  const { template } = (await compile(double, settings)).tasks[0] ?? {};
  expect(template).toMatchObject({ type: "cluster", custom: { workers: 3 }, metadata: { retries: { retries: 1 } } });
  expect(template?.target.case === "container" && template.target.value.args.slice(-1)).toEqual(["plugins.double"]);
  // @ts-expect-error a string is no int
  await expect(double({ x: "a" })).resolves.toBeNaN();
});

test("of a template task only the interface counts: the function is never run", async () => {
  expect(await shout({ x: "hey" })).toBe("hey!");
  const flow = workflow({ name: "plugins.flow", inputs: { x: t.string }, build: ({ x }) => shout({ x }) });
  expect(await flow({ x: "you" })).toBe("you!");
  const { template } = (await compile(flow, settings)).tasks[0] ?? {};
  expect(template).toMatchObject({
    type: "shout",
    custom: { mark: "!" },
    target: { value: { image: "r/shout:1.0.0" } },
  });
});

test("a call may give the task another config of the same class, for all its nodes", async () => {
  const make = () => task({ name: "plugins.loud", inputs: { x: t.string }, output: t.string, config: new Shout("?") });
  const loud = make();
  const flow = workflow({
    name: "plugins.loud-flow",
    build: () => loud({ x: "a" }).withOverrides({ taskConfig: new Shout("!!") }),
  });
  expect(await flow()).toBe("a!!");
  expect((await compile(flow, settings)).tasks[0]?.template?.custom).toEqual({ mark: "!!" });
  const override =
    (...configs: object[]) =>
    () => {
      const fresh = make();
      workflow({
        name: "plugins.twice",
        build: () => {
          for (const taskConfig of configs) fresh({ x: "a" }).withOverrides({ taskConfig });
        },
      });
    };
  expect(override(new Cluster(1))).toThrow("task plugins.loud has a config Shout; the override is a Cluster");
  expect(override(new Shout("1"), new Shout("2"))).toThrow("is given two configs");
  const plain = task({ name: "plugins.plain", run: () => {} });
  const wrong = () => workflow({ name: "w", build: () => void plain().withOverrides({ taskConfig: new Shout("1") }) });
  expect(wrong).toThrow("task plugins.plain has no config that could be overridden");
});

test("a config that nobody registered is an error, and so are two classes for one", () => {
  class Unknown {}
  expect(() => task({ name: "plugins.x", config: new Unknown(), run: () => {} })).toThrow(
    /no plugin knows a config Unknown; there are .*Cluster, Shout: import the package/,
  );
  const plugins = new TaskPlugins();
  class Other extends ShoutTask {}
  plugins.register(Shout, ShoutTask);
  plugins.register(Shout, ShoutTask);
  expect(() => plugins.register(Shout, Other)).toThrow("tasks with a config Shout are ShoutTask already");
  expect(() => task({ name: "plugins.y", config: new Cluster(1) })).toThrow("run is undefined");
});
