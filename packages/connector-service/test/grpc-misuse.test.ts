import { constants } from "node:http2";
import { connect as tcp } from "node:net";
import { describe, expect, test } from "vitest";
import type { GrpcCall } from "../src/grpc/grpc-call.ts";
import { framed } from "../src/grpc/message-reader.ts";
import { status } from "../src/grpc/status.ts";
import { ServiceHealth } from "../src/health/service-health.ts";
import { bytes, connected, send, serving } from "./raw-grpc.ts";

describe("a client that does what none should", () => {
  test("sends messages on and on for a call that takes one: it is told with the second", async () => {
    const { server, port } = await serving();
    server.handle("/t/Never", (call) => call.readOne(() => {}));
    const two = [framed(bytes("a")), framed(bytes("b"))];
    const answer = await send(await connected(port), two, { path: "/t/Never", end: false });
    expect(answer).toMatchObject({ grpc: status.UNIMPLEMENTED, message: expect.stringMatching(/has more/) });
  });

  test("asks for what makes a method throw: the call fails, and nothing else", async () => {
    const { server, port } = await serving();
    server.handle("/t/Throws", (call) =>
      call.readOne(() => {
        throw new Error("no message");
      }),
    );
    const session = await connected(port);
    const answer = await send(session, [framed(bytes("a"))], { path: "/t/Throws" });
    expect(answer).toMatchObject({ grpc: status.INTERNAL, message: "no message" });
    expect(await send(session, [framed(bytes("a"))])).toMatchObject({ grpc: status.OK });
  });

  test("asks for health with what is no message: each method says so", async () => {
    const { server, port } = await serving();
    new ServiceHealth().addTo(server);
    const session = await connected(port);
    for (const method of ["Check", "Watch"]) {
      const path = `/grpc.health.v1.Health/${method}`;
      const answer = await send(session, [framed(Uint8Array.of(10, 255))], { path });
      expect(answer).toMatchObject({ grpc: status.INTERNAL, message: expect.stringMatching(/not a protobuf message/) });
    }
  });

  test("does not read what it asked for: the call ends at its deadline, and does not wait on", async () => {
    const { server, port } = await serving();
    const released = Promise.withResolvers<void>();
    server.handle("/t/Endless", (call) =>
      call.readOne(async () => {
        let over = false;
        call.onCancelled = () => {
          over = true;
        };
        while (!over) if (!call.write(Buffer.alloc(10_000))) await call.drained();
        released.resolve();
      }),
    );
    const stream = (await connected(port)).request({
      ":method": "POST",
      ":path": "/t/Endless",
      "content-type": "application/grpc",
      "grpc-timeout": "50m",
    });
    stream.on("error", () => {});
    stream.end(framed(bytes("a")));
    await released.promise;
  });

  test("sends more than is read: its call, and its connection, end all the same", async () => {
    const { server, port } = await serving();
    server.handle("/t/First", (call) => {
      (async () => {
        const { value } = await call.requests().next();
        call.answer(value ?? bytes(""));
      })().catch((error: unknown) => call.refuse(error));
    });
    const session = await connected(port);
    const closed = new Promise((resolve) => session.once("close", resolve));
    const pieces = Array.from({ length: 20 }, () => framed(Buffer.alloc(3000)));
    for (const end of [true, false]) {
      expect(await send(session, pieces, { path: "/t/First", end })).toMatchObject({ grpc: status.OK });
    }
    server.goAway();
    await closed;
  });

  test("cancels thousands of calls: the one beside them goes on", async () => {
    const { server, port } = await serving();
    const beside = Promise.withResolvers<GrpcCall>();
    let onCancelled = (): void => {};
    server.handle("/t/Waits", (call) => call.readOne(() => beside.resolve(call)));
    server.handle("/t/Never", (call) => {
      call.onCancelled = () => onCancelled();
      call.write(bytes("begun"));
    });
    const session = await connected(port);
    const answer = send(session, [framed(bytes("a"))], { path: "/t/Waits" });
    const headers = { ":method": "POST", ":path": "/t/Never", "content-type": "application/grpc" };
    for (let left = 3000; left > 0; left -= 1) {
      const stream = session.request(headers);
      await new Promise((resolve) => stream.once("response", resolve));
      const cancelled = new Promise<void>((resolve) => {
        onCancelled = resolve;
      });
      stream.close(constants.NGHTTP2_CANCEL);
      await cancelled;
    }
    (await beside.promise).answer(bytes("still"));
    expect(await answer).toMatchObject({ grpc: status.OK, body: framed(bytes("still")) });
  });

  test("does not end its half when the server says goodbye: the connection is cut off", async () => {
    const { server, port, connections } = await serving({ keepaliveMs: 10, maxConnectionAgeMs: 10 });
    const socket = tcp({ port, host: "127.0.0.1", allowHalfOpen: true });
    const cut = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => {}).resume();
    const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    socket.write(Buffer.concat([bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), settings]));
    await new Promise((resolve) => socket.once("end", resolve));
    expect(connections()).toBe(1);
    await expect.poll(connections).toBe(0);
    socket.end();
    await cut;
    server.destroy();
  });

  test.each([
    ["ascii", "a b"],
    ["others", "\u6f22"],
  ])("cannot take long headers: a status of %s is cut", async (_, text) => {
    const { server, port } = await serving();
    server.handle("/t/Long", (call) =>
      call.readOne(() => call.fail({ code: status.NOT_FOUND, message: text.repeat(50_000) })),
    );
    const { grpc, message } = await send(await connected(port), [framed(bytes("a"))], { path: "/t/Long" });
    expect(grpc).toBe(status.NOT_FOUND);
    expect(message.startsWith(text.repeat(500)) && message.endsWith(" […]")).toBe(true);
    expect(encodeURI(message).length).toBeLessThan(7_001);
  });
});
