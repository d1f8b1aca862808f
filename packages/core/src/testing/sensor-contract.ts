import assert from "node:assert/strict";
import type { ContractTest } from "./contract-test.ts";
import { type RiggedWait, SensorRig } from "./sensor-rig.ts";
import type { SensorSubject } from "./sensor-subject.ts";

/** What the suite of `Sensor` needs. */
export interface SensorContractOptions {
  /** Takes the cases. */
  readonly test: ContractTest;
  /** Makes the sensor under test, anew for every case. */
  readonly subject: () => Promise<SensorSubject>;
}

type Case = (rig: SensorRig, wait: RiggedWait, subject: SensorSubject) => Promise<void>;

/**
 * What every sensor does in a container and in a connector service: it finds what is there before and what comes while it
 * waits, outlives faults that pass and the loss of its process, and ends at once with what will never be. The clock is the
 * suite's: a sensor that looks at the time asks `context.clock`.
 */
export function sensorContract({ test, subject }: SensorContractOptions): void {
  for (const form of ["container", "connector"] as const) {
    const on = (name: string, run: Case, options = {}, prepare: (made: SensorSubject) => void = () => {}): unknown =>
      test(`${name} (${form})`, async () => {
        const made = await subject();
        prepare(made);
        const rig = new SensorRig(made);
        await run(rig, await rig.begin(form, options), made);
      });

    on(
      "what is there already is found at once",
      async (rig, wait, { check, world }) => {
        const { questions } = world;
        await outputsOf(wait, check);
        assert.ok(questions > 0 && rig.clock.elapsed() < 5000, "nobody waits for a first poll");
        await rig.clock.pass(120_000);
        assert.equal(world.questions, questions, "nothing is asked when it has ended");
      },
      {},
      ({ world }) => world.fulfil(),
    );

    on("what comes while it waits is found by the next poll", async (rig, wait, { check, world }) => {
      await rig.clock.pass(35_000);
      assert.equal(await wait.ended(), undefined);
      world.fulfil();
      await rig.clock.pass(11_000);
      await outputsOf(wait, check);
    });

    on(
      "what never comes is an error that says so, when the time is up",
      async (rig, wait) => {
        await rig.clock.pass(59_000);
        assert.equal(await wait.ended(), undefined);
        await rig.clock.pass(2000);
        assert.match(await messageOf(wait), /contract\.sensor waited 60000 ms \(timeout\) for ./);
      },
      { timeout: 60_000 },
    );

    on(
      "a soft one that never comes is a success without outputs",
      async (rig, wait, { sensor }) => {
        await rig.clock.pass(61_000);
        const end = await wait.ended();
        assert.ok(end !== undefined && "outputs" in end, `it has succeeded: ${JSON.stringify(end)}`);
        const { literals } = end.outputs;
        assert.deepEqual(Object.keys(literals).sort(), Object.keys(sensor.outputs).sort());
        for (const literal of Object.values(literals)) assert.match(JSON.stringify(literal), /"noneType"/);
      },
      { timeout: 60_000, softFail: true },
    );

    for (const kind of ["unavailable", "throttle", "hang"] as const) {
      on(`a fault that passes is none: ${kind}`, async (rig, wait, { check, world }) => {
        world.fault(kind, "the suite says so");
        await rig.clock.pass(600_000);
        assert.equal(await wait.ended(), undefined);
        world.mend();
        world.fulfil();
        await rig.clock.pass(120_000);
        await outputsOf(wait, check);
      });
    }

    on(
      "what is refused will never be, and ends it at once, in the other side's words",
      async (rig, wait, { world }) => {
        world.fault("refuse", "the suite refuses");
        await rig.clock.pass(11_000);
        assert.match(await messageOf(wait), /the suite refuses/);
        const { questions } = world;
        await rig.clock.pass(120_000);
        assert.equal(world.questions, questions, "it is asked no more");
      },
    );

    on(
      "another process goes on with it, and keeps to its time",
      async (rig, wait) => {
        await rig.clock.pass(20_000);
        await wait.restart(20_000);
        await rig.clock.pass(19_000);
        assert.equal(await wait.ended(), undefined);
        await rig.clock.pass(2000);
        assert.match(await messageOf(wait), /waited 60000 ms/);
      },
      { timeout: 60_000 },
    );

    on("what came while nobody looked is found by the process that goes on", async (rig, wait, { check, world }) => {
      await rig.clock.pass(20_000);
      world.fulfil();
      await wait.restart(60_000);
      await rig.clock.pass(1000);
      await outputsOf(wait, check);
    });

    on("a clock that is set makes it neither longer nor shorter", async (rig, wait, { check, world }) => {
      rig.clock.jump(86_400_000);
      await rig.clock.pass(15_000);
      rig.clock.jump(-172_800_000);
      await rig.clock.pass(15_000);
      assert.equal(await wait.ended(), undefined);
      rig.clock.jump(86_400_000);
      world.fulfil();
      await rig.clock.pass(11_000);
      await outputsOf(wait, check);
    });

    on("nothing is asked for a task that was aborted", async (rig, wait, { world }) => {
      await rig.clock.pass(15_000);
      await wait.abort();
      const { questions } = world;
      await rig.clock.pass(600_000);
      assert.equal(world.questions, questions);
    });

    on("a task that is aborted in the middle of a question ends", async (rig, wait, { world }) => {
      world.fault("hang", "");
      await rig.clock.pass(11_000);
      await wait.abort();
      const { questions } = world;
      await rig.clock.pass(600_000);
      assert.equal(world.questions, questions);
    });
  }

  test("a configuration that the sensor does not know is refused", async () => {
    const { sensor, config = {} } = await subject();
    sensor.readConfig(config);
    assert.throws(() => sensor.readConfig({ ...config, "no such field": 1 }), /no such field/);
  });
}

async function outputsOf(wait: RiggedWait, check: SensorSubject["check"]): Promise<void> {
  const end = await wait.ended();
  assert.ok(end !== undefined, "it has ended");
  if ("error" in end) throw end.error;
  await check(end.outputs);
}

async function messageOf(wait: RiggedWait): Promise<string> {
  const end = await wait.ended();
  assert.ok(end !== undefined && "error" in end, "it has failed");
  return end.error.message;
}
