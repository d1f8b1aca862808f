import { expect, test } from "vitest";
import { startEmulator } from "../src/emulators/emulator.ts";

test("two emulators of one name run at once, each with its own data and faults", async () => {
  const [one, other] = await Promise.all([startEmulator("moto"), startEmulator("moto")]);
  try {
    await fetch(`${one.endpoint}/bucket`, { method: "PUT" });
    expect((await fetch(`${one.endpoint}/bucket`)).status).toBe(200);
    expect((await fetch(`${other.endpoint}/bucket`)).status).toBe(404);

    await one.faults.add({ path: "^/bucket", do: "answer", preset: "s3-slowdown" }, { path: "^/lost", do: "reset" });
    expect((await fetch(`${one.endpoint}/bucket`)).status).toBe(503);
    expect((await fetch(`${one.endpoint}/bucket`)).status).toBe(200);
    await expect(fetch(`${one.endpoint}/lost`)).rejects.toThrow();
    expect((await fetch(`${one.direct}/lost`)).status).toBe(404);
    expect((await one.faults.log()).map(({ fault }) => fault)).toEqual(
      expect.arrayContaining(["s3-slowdown", undefined, "reset"]),
    );
    await one.faults.clear();
    expect(await one.faults.log()).toEqual([]);
  } finally {
    await Promise.all([one.stop(), other.stop()]);
  }
  await expect(fetch(other.direct)).rejects.toThrow();
});
