/** A sensor of one's own: it waits until a web service has an answer, and hands that on. */
import { FlyteError, sensor, t, task, workflow } from "@flyte-ts/core";

/** The report that a service makes in its own time: 404 until it is there. */
export const report = sensor({
  name: "report",
  inputs: { url: t.string },
  output: t.string,
  pollInterval: 500,
  timeout: 10 * 60_000,
  poll: async ({ url }, { signal }) => {
    const response = await fetch(url, { signal });
    if (response.status === 404) return undefined;
    if (response.status === 403) throw new FlyteError("PermissionDenied", `${url} is not for us`);
    if (!response.ok) throw new FlyteError("Unavailable", `${url} answers ${response.status}`);
    return response.text();
  },
});

export const words = task({
  name: "words",
  inputs: { text: t.string },
  output: t.int,
  run: ({ text }) => text.split(/\s+/).length,
});

export const length = workflow({
  name: "length",
  inputs: { url: t.string },
  build: ({ url }) => words({ text: report({ url }) }),
});
