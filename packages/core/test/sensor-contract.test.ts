import assert from "node:assert/strict";
import {
  BaseSensor,
  FlyteError,
  found,
  type Natives,
  notYet,
  type PollContext,
  type PollRequest,
  t,
} from "@flyte-ts/core";
import { LiteralMap } from "@flyte-ts/core/plugin";
import { type SensorWorld, sensorContract, type WorldFault } from "@flyte-ts/core/testing";
import { expect, test } from "vitest";

/** A service that answers, or fails as the suite says. */
class Service implements SensorWorld {
  questions = 0;
  #there = false;
  #fault: { readonly kind: WorldFault; readonly message: string } | undefined;
  fulfil(): void {
    this.#there = true;
  }
  fault(kind: WorldFault, message: string): void {
    this.#fault = { kind, message };
  }
  mend(): void {
    this.#fault = undefined;
  }
  async ask(signal: AbortSignal): Promise<boolean> {
    this.questions++;
    const { kind, message = "" } = this.#fault ?? {};
    if (kind === "unavailable") throw new FlyteError("Unavailable", "503");
    if (kind === "throttle") throw new FlyteError("Throttled", "429");
    if (kind === "refuse") throw new FlyteError("PermissionDenied", message);
    if (kind !== "hang") return this.#there;
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  }
}

const variables = { key: t.string };
type Request = PollRequest<Natives<typeof variables>, object>;

/** Waits for a key of the service: a sensor that does all it should. */
class KeySensor extends BaseSensor<typeof variables, typeof variables, object> {
  readonly name: string = "key";
  readonly inputs = variables;
  readonly outputs = variables;
  protected readonly service: Service;
  constructor(service: Service) {
    super();
    this.service = service;
  }
  override readConfig(config: object): object {
    return super.readConfig(config as never);
  }
  async poll({ inputs: { key } }: Request, { signal }: PollContext) {
    return (await this.service.ask(signal)) ? found({ key }) : notYet(`the key ${key}`);
  }
}

/** The cases of the suite. */
function casesOf(make: new (service: Service) => KeySensor) {
  const cases: { readonly name: string; readonly run: () => Promise<void> }[] = [];
  const inputs = LiteralMap.fromJson({ literals: { key: { scalar: { primitive: { stringValue: "k" } } } } });
  sensorContract({
    test: (name, run) => cases.push({ name, run }),
    subject: async () => {
      const world = new Service();
      const check = ({ literals }: LiteralMap) => assert.deepEqual(literals, inputs.literals);
      return { world, sensor: new make(world), inputs, check };
    },
  });
  return cases;
}

/** Runs the suite without a test runner; gives the names of the cases that failed. */
async function failing(make: new (service: Service) => KeySensor): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of casesOf(make)) await run().catch(() => failed.push(name));
  return failed;
}

test("a sensor that does all it should passes", async () => {
  expect(await failing(KeySensor)).toEqual([]);
});

const refused = /^what is refused will never be/;
const bugs: readonly (readonly [string, RegExp, new (service: Service) => KeySensor])[] = [
  [
    "gives something else",
    /^what is there already/,
    class extends KeySensor {
      override async poll(request: Request, context: PollContext) {
        const answer = await super.poll(request, context);
        return "found" in answer ? found({ key: "another" }) : answer;
      }
    },
  ],
  [
    "remembers its first answer",
    /^what comes while it waits/,
    class extends KeySensor {
      #first: ReturnType<KeySensor["poll"]> | undefined;
      override poll(request: Request, context: PollContext) {
        this.#first ??= super.poll(request, context);
        return this.#first;
      }
    },
  ],
  [
    "takes a refusal for a passing fault",
    refused,
    class extends KeySensor {
      override poll(request: Request, context: PollContext) {
        return super.poll(request, context).catch(() => notYet("better times"));
      }
    },
  ],
  [
    "hides what the other side says",
    refused,
    class extends KeySensor {
      override poll(request: Request, context: PollContext) {
        return super.poll(request, context).catch((error: FlyteError) => {
          throw error.recoverable ? error : new FlyteError("PermissionDenied", "no");
        });
      }
    },
  ],
  ...(["Unavailable", "Throttled"] as const).map(
    (code) =>
      [
        `ends with what passes: ${code}`,
        code === "Throttled" ? /^a fault that passes is none: throttle/ : /^a fault that passes is none: unavailable/,
        class extends KeySensor {
          override poll(request: Request, context: PollContext) {
            return super.poll(request, context).catch((error: FlyteError) => {
              throw error.code === code ? new FlyteError("InvalidInput", error.message) : error;
            });
          }
        },
      ] as const,
  ),
  [
    "goes by the time of day",
    /^a clock that is set/,
    class extends KeySensor {
      override async poll(request: Request, context: PollContext) {
        if (context.clock.now() - request.startedAt > 7_200_000) throw new FlyteError("Timeout", "too late");
        return super.poll(request, context);
      }
    },
  ],
  [
    "keeps in the instance what belongs to a task",
    /^what came while nobody looked/,
    class extends KeySensor {
      #clock: PollContext["clock"] | undefined;
      override async poll(request: Request, context: PollContext) {
        this.#clock ??= context.clock;
        return this.#clock === context.clock ? super.poll(request, context) : notYet("the process of before");
      }
    },
  ],
  [
    "does not say what is missing",
    /^what never comes/,
    class extends KeySensor {
      override async poll(request: Request, context: PollContext) {
        const answer = await super.poll(request, context);
        return "found" in answer ? answer : notYet("");
      }
    },
  ],
  [
    "has a time of its own",
    /^a soft one that never comes/,
    class extends KeySensor {
      override async poll(request: Request, context: PollContext) {
        const now = context.clock.elapsed?.() ?? 0;
        request.memory ??= now;
        if (now - Number(request.memory) > 30_000) throw new FlyteError("Timeout", "I have had enough");
        return super.poll(request, context);
      }
    },
  ],
  [
    "heeds no signal, and asks one question after another",
    /^a fault that passes is none: hang/,
    class extends KeySensor {
      #last: Promise<unknown> = Promise.resolve();
      override poll(request: Request, context: PollContext) {
        const { signal } = new AbortController();
        const answer = this.#last.then(() => super.poll(request, { ...context, signal }));
        this.#last = answer.catch(() => {});
        return answer;
      }
    },
  ],
  [
    "needs what it remembers",
    /^another process goes on/,
    class extends KeySensor {
      override async poll(request: Request, context: PollContext) {
        if (request.memory === undefined && context.clock.now() > request.startedAt) {
          throw new FlyteError("InvalidInput", "where was I?");
        }
        request.memory = "here";
        return super.poll(request, context);
      }
    },
  ],
  [
    "asks on its own as well",
    /^nothing is asked for a task that was aborted/,
    class extends KeySensor {
      override async poll(request: Request, context: PollContext) {
        const later = context.clock.sleep(30_000).then(() => this.service.ask(new AbortController().signal));
        later.catch(() => {});
        return super.poll(request, context);
      }
    },
  ],
  [
    "asks once more when it is ended",
    /^a task that is aborted in the middle/,
    class extends KeySensor {
      override poll(request: Request, context: PollContext) {
        return super.poll(request, context).catch(async (error) => {
          if (context.signal.aborted) await context.clock.sleep(20_000).then(() => super.poll(request, context));
          throw error;
        });
      }
    },
  ],
  [
    "takes any configuration",
    /^a configuration/,
    class extends KeySensor {
      override readConfig(config: object): object {
        return config;
      }
    },
  ],
];

test.each(bugs)("one that %s does not", async (_, name, sensor) => {
  expect((await failing(sensor)).filter((failed) => name.test(failed))).not.toEqual([]);
});

test("there is a planted bug for every case", () => {
  const names = casesOf(KeySensor).map(({ name }) => name);
  expect(names.filter((name) => !bugs.some(([, found]) => found.test(name)))).toEqual([]);
});
