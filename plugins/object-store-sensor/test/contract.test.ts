import assert from "node:assert/strict";
import { FlyteError } from "@flyte-ts/core";
import { type Storage, StorageRegistry } from "@flyte-ts/core/plugin";
import { ManualClock, type SensorWorld, sensorContract, type WorldFault } from "@flyte-ts/core/testing";
import { describe, test } from "vitest";
import manifest from "../src/plugin.ts";
import { PathSensor, PathsSensor } from "../src/sensor.ts";
import { inputsOf, ProbeStore } from "./probe-store.ts";

const files = ["probe://bucket/in/a.csv", "probe://bucket/in/b.csv"] as const;

/** A store that answers, or fails as the suite says. */
function world() {
  const store = new ProbeStore(new ManualClock());
  const hung: ((error: unknown) => void)[] = [];
  let fault: { readonly kind: WorldFault; readonly message: string } | undefined;
  store.fault = () => {
    if (fault?.kind === "unavailable") return new FlyteError("Unavailable", "503");
    if (fault?.kind === "throttle") return new FlyteError("Throttled", "429");
    return fault?.kind === "refuse" ? new FlyteError("PermissionDenied", fault.message) : undefined;
  };
  const stat: Storage["stat"] = async (uri) => {
    const found = await store.stat(uri);
    return fault?.kind === "hang" ? new Promise((_, reject) => hung.push(reject)) : found;
  };
  const storage = new StorageRegistry();
  const asked: Storage = {
    stat,
    list: (folder, options) => store.list(folder, options),
    read: () => store.read(),
    write: () => store.write(),
    copy: () => store.copy(),
    delete: () => store.delete(),
  };
  storage.register("probe", async () => asked);
  const made: SensorWorld = {
    get questions() {
      return store.requests.length;
    },
    fulfil: () => {
      for (const file of files) store.put(file);
    },
    fault: (kind, message) => {
      fault = { kind, message };
    },
    mend: () => {
      fault = undefined;
    },
  };
  return { world: made, storage };
}

describe("one path", () => {
  const [path] = files;
  sensorContract({
    test,
    subject: async () => ({
      ...world(),
      sensor: new PathSensor(),
      config: { minSize: 1 },
      inputs: inputsOf(path),
      check: ({ literals }) => assert.deepEqual(literals, inputsOf(path).literals),
    }),
  });
});

describe("several paths", () => {
  sensorContract({
    test,
    subject: async () => ({
      ...world(),
      sensor: new PathsSensor(),
      config: { paths: "all" },
      inputs: inputsOf(files),
      check: ({ literals }) => assert.deepEqual(literals, inputsOf(files).literals),
    }),
  });
});

test("the plugin's connector knows its own two sensors and no other", async () => {
  const connector = await manifest.provides.connectors?.["object-store-sensor-connector"]?.();
  assert.equal(connector?.name, "object store sensor");
});
