import { FlyteContext } from "@flyte-ts/core/plugin";
import { expect, test } from "vitest";

test("the machine's clock sleeps on, where a sleep is longer than a timer can be set for", async () => {
  const { clock } = FlyteContext.default();
  const woken = new AbortController();
  let over = false;
  const sleeping = clock.sleep(2 ** 40, { signal: woken.signal }).then(() => (over = true));
  // a timer that is set for too long is over after a millisecond
  await clock.sleep(5);
  expect(over).toBe(false);
  woken.abort(new Error("enough"));
  await expect(sleeping).rejects.toThrow("enough");
});
