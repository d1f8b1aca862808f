import { constants } from "node:http2";
import { deflateSync, gzipSync } from "node:zlib";
import { Client, compressionAlgorithms, credentials, Metadata } from "@grpc/grpc-js";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import type { GrpcCall } from "../src/grpc/grpc-call.ts";
import { framed, MessageReader } from "../src/grpc/message-reader.ts";
import { status } from "../src/grpc/status.ts";
import { bytes, connected, send, serving } from "./raw-grpc.ts";

/** A frame that says that its message is compressed. */
function compressed(message: Buffer): Buffer {
  const frame = framed(message);
  frame[0] = 1;
  return frame;
}

test("messages come out as they went in, however their frames are cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 30 }),
      (messages, cuts) => {
        const body = Buffer.concat(messages.map((message) => framed(message)));
        const reader = new MessageReader(40);
        const found: string[] = [];
        for (let at = 0, cut = 0; at < body.length; cut += 1) {
          const next = at + (cuts[cut % cuts.length] ?? 1);
          for (const whole of reader.push(body.subarray(at, next))) found.push(whole.bytes.toString("hex"));
          at = next;
        }
        expect(found).toEqual(messages.map((message) => Buffer.from(message).toString("hex")));
        expect(reader.within).toBe(false);
      },
    ),
  );
});

describe("a request", () => {
  test("in pieces of one byte", async () => {
    const { port } = await serving();
    const pieces = [...framed(bytes("hello"))].map((byte) => Uint8Array.of(byte));
    expect(await send(await connected(port), pieces)).toMatchObject({
      http: 200,
      grpc: status.OK,
      body: framed(bytes("hello")),
      reset: 0,
    });
  });

  test.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
  ])("compressed by %s", async (encoding, compress) => {
    const { port } = await serving();
    const headers = { "grpc-encoding": encoding };
    const answer = await send(await connected(port), [compressed(compress(bytes("hello")))], { headers });
    expect(answer).toMatchObject({ grpc: status.OK, body: framed(bytes("hello")) });
  });

  test.each<[string, Buffer, Record<string, string>, number, RegExp]>([
    [
      "unpacks to more than is taken",
      compressed(gzipSync(Buffer.alloc(200_000))),
      { "grpc-encoding": "gzip" },
      status.RESOURCE_EXHAUSTED,
      /more than the 100000 bytes/,
    ],
    ["is no gzip", compressed(bytes("hello")), { "grpc-encoding": "gzip" }, status.INTERNAL, /not compressed by gzip/],
    [
      "compressed by what nobody knows",
      compressed(bytes("hello")),
      { "grpc-encoding": "br" },
      status.UNIMPLEMENTED,
      /by br; .* identity,gzip,deflate/,
    ],
    [
      "compressed, it does not say how",
      compressed(bytes("hello")),
      {},
      status.UNIMPLEMENTED,
      /without a grpc-encoding/,
    ],
    ["is longer than is taken", framed(Buffer.alloc(200_000)), {}, status.RESOURCE_EXHAUSTED, /200000 bytes .* 100000/],
    [
      "ends in the midst of its message",
      framed(bytes("hello")).subarray(0, 7),
      {},
      status.UNIMPLEMENTED,
      /in the midst/,
    ],
    ["has no message", Buffer.alloc(0), {}, status.UNIMPLEMENTED, /has none/],
    ["has two messages", Buffer.concat([framed(bytes("a")), framed(bytes("b"))]), {}, status.UNIMPLEMENTED, /has more/],
    [
      "has a timeout that is none",
      framed(bytes("a")),
      { "grpc-timeout": "soon" },
      status.INVALID_ARGUMENT,
      /"soon"; it must be/,
    ],
  ])("that %s is refused", async (_, body, headers, code, message) => {
    const { port } = await serving();
    const answer = await send(await connected(port), [body], { headers });
    expect(answer).toMatchObject({ http: 200, grpc: code, message: expect.stringMatching(message) });
  });

  test("for a method that is not there", async () => {
    const { port } = await serving();
    const answer = await send(await connected(port), [framed(bytes("a"))], { path: "/t/Nobody" });
    expect(answer).toMatchObject({ grpc: status.UNIMPLEMENTED, message: "there is no method /t/Nobody here" });
  });

  test("that is no gRPC has a status of HTTP", async () => {
    const { port } = await serving();
    const session = await connected(port);
    expect(await send(session, [], { headers: { "content-type": "text/plain" } })).toMatchObject({ http: 415 });
    expect(await send(session, [], { headers: { ":method": "GET" } })).toMatchObject({ http: 405 });
  });

  test("that is too long is answered while the client still sends, and not read on", async () => {
    const { port } = await serving();
    const head = framed(Buffer.alloc(200_000)).subarray(0, 1000);
    const answer = await send(await connected(port), [head], { end: false });
    expect(answer).toMatchObject({ grpc: status.RESOURCE_EXHAUSTED, reset: constants.NGHTTP2_NO_ERROR });
  });
});

describe("an answer", () => {
  test("behind the deadline is that it has passed", async () => {
    const { server, port } = await serving();
    const cancelled = Promise.withResolvers<void>();
    let late: GrpcCall | undefined;
    server.handle("/t/Never", (call) => {
      late = call;
      call.onCancelled = cancelled.resolve;
      call.readOne(() => {});
    });
    const headers = { "grpc-timeout": "20m" };
    const answer = await send(await connected(port), [framed(bytes("a"))], { path: "/t/Never", headers });
    expect(answer).toMatchObject({ grpc: status.DEADLINE_EXCEEDED });
    await cancelled.promise;
    // whoever answers too late disturbs nobody
    late?.answer(bytes("late"));
    late?.fail({ code: status.INTERNAL, message: "late" });
  });

  test("whose status has any text", async () => {
    const { server, port } = await serving();
    const message = "50% of the Ärger\nis \u{1f4a9} and \ud800 broken";
    server.handle("/t/Fails", (call) => call.readOne(() => call.fail({ code: status.INTERNAL, message })));
    const answer = await send(await connected(port), [framed(bytes("a"))], { path: "/t/Fails" });
    expect(answer).toMatchObject({ grpc: status.INTERNAL, message: message.toWellFormed() });
  });

  test("that fails behind its first messages has its status, too, and so has one whose client still sends", async () => {
    const { server, port } = await serving();
    server.handle("/t/Half", (call) => {
      call.write(bytes("one"));
      call.fail({ code: status.NOT_FOUND, message: "no more" });
    });
    for (const end of [true, false]) {
      const answer = await send(await connected(port), [framed(bytes("a"))], { path: "/t/Half", end });
      expect(answer).toMatchObject({ grpc: status.NOT_FOUND, message: "no more", body: framed(bytes("one")) });
    }
  });

  test("of many messages waits for a client that reads slowly", async () => {
    const { server, port } = await serving();
    let sent = 0;
    const held = Promise.withResolvers<void>();
    server.handle("/t/Many", (call) =>
      call.readOne(async () => {
        for (; sent < 200; sent += 1) {
          if (!call.write(Buffer.alloc(10_000))) {
            held.resolve();
            await call.drained();
          }
        }
        call.finish();
      }),
    );
    const stream = (await connected(port)).request({
      ":method": "POST",
      ":path": "/t/Many",
      "content-type": "application/grpc",
    });
    stream.end(framed(bytes("a")));
    await held.promise;
    expect(sent).toBeLessThan(200);
    let length = 0;
    for await (const piece of stream as AsyncIterable<Buffer>) length += piece.length;
    expect([sent, length]).toEqual([200, 200 * 10_005]);
  });
});

test("a client that goes away ends its call", async () => {
  const { server, port } = await serving();
  const [begun, cancelled] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  server.handle("/t/Never", (call) => {
    call.onCancelled = cancelled.resolve;
    call.readOne(() => begun.resolve());
  });
  const stream = (await connected(port)).request({
    ":method": "POST",
    ":path": "/t/Never",
    "content-type": "application/grpc",
  });
  stream.end(framed(bytes("a")));
  await begun.promise;
  stream.close(constants.NGHTTP2_CANCEL);
  await cancelled.promise;
});

describe("connections", () => {
  test("are told to go elsewhere, and end with their last call", async () => {
    const { server, port } = await serving();
    const begun = Promise.withResolvers<GrpcCall>();
    server.handle("/t/Waits", (call) => call.readOne(() => begun.resolve(call)));
    const session = await connected(port);
    const goaway = new Promise((resolve) => session.once("goaway", resolve));
    const closed = new Promise((resolve) => session.once("close", resolve));
    const answer = send(session, [framed(bytes("a"))], { path: "/t/Waits" });
    const call = await begun.promise;
    server.goAway();
    await goaway;
    call.answer(bytes("still"));
    expect(await answer).toMatchObject({ grpc: status.OK, body: framed(bytes("still")) });
    await closed;
  });

  test("end at their age", async () => {
    const { port } = await serving({ maxConnectionAgeMs: 20 });
    const session = await connected(port);
    await new Promise((resolve) => session.once("close", resolve));
  });

  test("are kept by pings that are answered", async () => {
    const { port } = await serving({ keepaliveMs: 5 });
    const session = await connected(port);
    for (let left = 5; left > 0; left -= 1) await new Promise((resolve) => session.once("ping", resolve));
    expect(await send(session, [framed(bytes("a"))])).toMatchObject({ grpc: status.OK });
  });
});

test("grpc-js's client speaks with it: one message and many, compressed, at once", async () => {
  const { port } = await serving();
  const asIs = (one: Buffer): Buffer => one;
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    "grpc.enable_http_proxy": 0,
    "grpc.default_compression_algorithm": compressionAlgorithms.gzip,
  });
  onTestFinished(() => client.close());
  const one = (text: string) =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest("/t/Echo", asIs, asIs, bytes(text), new Metadata(), (error, answer) =>
        error === null ? resolve(answer?.toString()) : reject(error),
      );
    });
  const texts = Array.from({ length: 200 }, (_, number) => `${number}`.repeat(number));
  expect(await Promise.all(texts.map(one))).toEqual(texts);
  const stream = client.makeBidiStreamRequest("/t/EchoAll", asIs, asIs);
  for (const text of texts) stream.write(bytes(text));
  stream.end();
  const answers: string[] = [];
  for await (const answer of stream) answers.push((answer as Buffer).toString());
  expect(answers).toEqual(texts);
});
