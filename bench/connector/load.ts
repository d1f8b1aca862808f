import { type ClientHttp2Session, connect } from "node:http2";

/** What to send, and how much of it at once. */
export interface LoadOptions {
  readonly port: number;
  /** `/flyteidl.service.AsyncAgentService/GetTask`. */
  readonly path: string;
  /** The frame of the request of a number. */
  readonly request: (number: number) => Buffer;
  /** How many to send. */
  readonly requests: number;
  /** Stops early after so many seconds. */
  readonly seconds?: number;
  readonly connections: number;
  /** Requests under way on each connection. */
  readonly streams: number;
  /** Requests a second in all; as many as go unless given. */
  readonly rate?: number;
}

/** What came of it. */
export interface LoadResult {
  readonly requests: number;
  readonly errors: number;
  readonly seconds: number;
  /** Milliseconds, in order. */
  readonly latencies: Float64Array;
  /** Some answers, without their frames. */
  readonly sample: readonly Buffer[];
}

/**
 * Sends gRPC requests over plain HTTP/2: it makes and reads frames itself, so that it takes less of a processor than the
 * services that it measures.
 */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const { port, connections, streams, seconds = Number.POSITIVE_INFINITY } = options;
  const sessions = await Promise.all(Array.from({ length: connections }, () => session(port)));
  const state: State = { sent: 0, errors: 0, latencies: [], sample: [] };
  const started = performance.now();
  const until = started + seconds * 1000;
  await Promise.all(
    sessions.flatMap((one) => Array.from({ length: streams }, () => keepSending(one, options, state, started, until))),
  );
  const elapsed = (performance.now() - started) / 1000;
  for (const one of sessions) one.close();
  const latencies = Float64Array.from(state.latencies).sort();
  return { requests: state.latencies.length, errors: state.errors, seconds: elapsed, latencies, sample: state.sample };
}

interface State {
  sent: number;
  errors: number;
  readonly latencies: number[];
  readonly sample: Buffer[];
}

async function keepSending(
  one: ClientHttp2Session,
  options: LoadOptions,
  state: State,
  started: number,
  until: number,
): Promise<void> {
  for (;;) {
    const number = state.sent++;
    if (number >= options.requests) return;
    const due = options.rate === undefined ? 0 : started + (number / options.rate) * 1000;
    const wait = due - performance.now();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    // a request that is late because others were slow counts from when it was due
    const from = options.rate === undefined ? performance.now() : Math.min(due, performance.now());
    if (from >= until) return;
    const ok = await send(one, options.path, options.request(number), state.sample);
    if (!ok) state.errors += 1;
    state.latencies.push(performance.now() - from);
  }
}

function send(one: ClientHttp2Session, path: string, frame: Buffer, sample: Buffer[]): Promise<boolean> {
  return new Promise((resolve) => {
    const stream = one.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
    });
    let status: unknown;
    let answer: Buffer | undefined;
    stream.on("response", (headers) => {
      status = headers["grpc-status"];
    });
    stream.on("trailers", (headers) => {
      status = headers["grpc-status"];
    });
    stream.on("data", (chunk: Buffer) => {
      answer = answer === undefined ? chunk : Buffer.concat([answer, chunk]);
    });
    stream.on("error", () => resolve(false));
    stream.on("close", () => {
      if (sample.length < 1000 && answer !== undefined) sample.push(answer.subarray(5));
      resolve(status === "0");
    });
    stream.end(frame);
  });
}

function session(port: number): Promise<ClientHttp2Session> {
  return new Promise((resolve, reject) => {
    const one = connect(`http://127.0.0.1:${port}`);
    one.once("error", reject);
    one.once("connect", () => resolve(one));
  });
}

/** A quantile of numbers in order. */
export const quantile = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
