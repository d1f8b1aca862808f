/** Tasks that fail, each in its way. */
import { connect } from "node:net";
import { FlyteError, t, task, workflow } from "@flyte-ts/core";

function divide(a: number, b: number): number {
  if (b === 0) throw new RangeError("nothing can be divided by 0");
  return a / b;
}

export const quotient = task({
  name: "quotient",
  inputs: { a: t.float, b: t.float },
  output: t.float,
  run: ({ a, b }) => divide(a, b),
});

export const half = workflow({ name: "half", inputs: { a: t.float }, build: ({ a }) => quotient({ a, b: 0 }) });

export const down = task({
  name: "down",
  output: t.none,
  run: () => {
    throw new FlyteError("Unavailable", "the service does not answer");
  },
});

export const wrong = task({
  name: "wrong-output",
  output: t.int,
  run: () => "no number" as never,
});

export const asleep = task({
  name: "asleep",
  inputs: { deaf: t.boolean.default(false) },
  output: t.none,
  run: ({ deaf }, { signal }) =>
    new Promise((_resolve, reject) => {
      const timer = setInterval(() => {}, 60_000);
      process.stdout.write("asleep\n");
      signal.addEventListener("abort", () => {
        process.stdout.write("woken\n");
        if (deaf) return;
        clearInterval(timer);
        reject(signal.reason);
      });
    }),
});

export const connected = task({
  name: "connected",
  inputs: { port: t.int, busy: t.boolean.default(false) },
  output: t.none,
  run: ({ port, busy }, { signal }) =>
    new Promise((_resolve, reject) => {
      const socket = connect(port, "127.0.0.1").on("connect", () => {
        socket.write("here", () => {
          while (busy);
        });
      });
      signal.addEventListener("abort", () => reject(signal.reason));
    }),
});

export const escapes = task({
  name: "escapes",
  inputs: { how: t.enum(["timer", "rejection", "stall"]) },
  output: t.none,
  run: ({ how }) =>
    new Promise<null>(() => {
      if (how === "rejection") Promise.reject(new RangeError("nobody awaits this"));
      if (how !== "timer") return;
      setTimeout(() => {
        throw new RangeError("from a timer");
      }, 1);
    }),
});

export const printing = task({
  name: "printing",
  output: t.int,
  run: () => {
    console.log("printed by the task");
    return 7;
  },
});
