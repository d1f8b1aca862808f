/**
 * A request as a task: `node examples/notify.ts`.
 *
 * The service that is asked stands on this machine, so that the example needs nothing else.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { t, task, workflow } from "@flyte-ts/core";
import { httpTask } from "@flyte-ts/http";

const service = createServer(async (request, response) => {
  const { customer } = JSON.parse((await request.setEncoding("utf8").toArray()).join(""));
  response.end(
    JSON.stringify({ ticket: 4711, greeting: `${request.headers.authorization?.split(" ")[0]} ${customer}` }),
  );
});
await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;

// What the operator of a connector service sets: private addresses are refused otherwise. A service would want a rule for
// the secret as well (FLYTE_TS_HTTP_SECRETS); on the author's own machine it goes where the task says.
process.env.FLYTE_TS_HTTP_ALLOW = "127.0.0.1";
process.env.DESK_TOKEN = "not for templates";

/** Opens a ticket; a repetition of the same attempt carries the same key. */
export const openTicket = httpTask({
  name: "open-ticket",
  inputs: { customer: t.string, urgent: t.boolean },
  url: `${url}/tickets`,
  secretHeaders: { Authorization: { key: "DESK_TOKEN", prefix: "Bearer " } },
  body: { customer: "{inputs.customer}", urgent: "{inputs.urgent}" },
  idempotencyHeader: "Idempotency-Key",
  output: t.object({ ticket: t.int, greeting: t.string }),
});

/** What the answer says; its type comes from the task above. */
export const summarise = task({
  name: "summarise",
  inputs: { answer: openTicket.outputs.body },
  output: t.string,
  run: async ({ answer }) => `${answer.greeting} has ticket ${answer.ticket}`,
});

/** Both, wired. */
export const support = workflow({
  name: "support",
  inputs: { customer: t.string },
  build: ({ customer }) => summarise({ answer: openTicket({ customer, urgent: true }).body }),
});

console.log(await support({ customer: "Ada" }));
service.close();
