import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { connect } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { phaseNumbers } from "@flyte-ts/core/plugin";
import { selfSigned } from "@flyte-ts/core/testing";
import type { ExecuteTaskSyncRequestSchema } from "@flyte-ts/idl/admin";
import { AgentMetadataService, AsyncAgentService, SyncAgentService } from "@flyte-ts/idl/service";
import { credentials, status } from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test } from "vitest";
import { checkHealth, serveConnectors, type TlsOptions } from "../src/index.ts";
import { FlyteClient } from "./flyte-client.ts";
import { createRequest, served } from "./served.ts";

const v1 = AsyncAgentService.method;

describe("deadlines and cancellations reach the connector", () => {
  test("a client that gives up", async () => {
    const { client, sync } = await served();
    const stopped = Promise.withResolvers<unknown>();
    sync.answer = ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          stopped.resolve(signal.reason);
          reject(signal.reason as Error);
        });
        call.cancel();
      });
    const call = client.open(SyncAgentService.method.executeTaskSync, [
      { part: { case: "header", value: { template: { type: "memory-sync" }, outputPrefix: "s3://b/n0/0" } } },
      { part: { case: "inputs", value: {} } },
    ]);
    call.on("error", () => {});
    expect(await stopped.promise).toMatchObject({ code: "Cancelled" });
  });

  test("a deadline that passes, after an answer that comes before it", async () => {
    const { client, sync } = await served();
    await client.call(AgentMetadataService.method.listAgents, {});
    const stopped = Promise.withResolvers<unknown>();
    sync.answer = ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          stopped.resolve(signal.reason);
          reject(signal.reason as Error);
        });
      });
    const value = { template: { type: "memory-sync" }, outputPrefix: "s3://b/n0/0" };
    const parts: readonly MessageInitShape<typeof ExecuteTaskSyncRequestSchema>[] = [
      { part: { case: "header", value } },
      { part: { case: "inputs", value: {} } },
    ];
    const [answer] = await client.stream(SyncAgentService.method.executeTaskSync, parts, {}, 1_000);
    // Flyte gives up at its deadline, and would take that for a fault of the service
    expect(answer?.res.value).toMatchObject({
      resource: {
        phase: phaseNumbers.RETRYABLE_FAILED,
        message: expect.stringMatching(/Memory sync.do gave no answer within \d+ ms/),
      },
    });
    expect(await stopped.promise).toMatchObject({ code: "Unavailable" });
  });

  test("a slow vendor: Flyte is told in time that the job is to be started", async () => {
    const { client, memory } = await served();
    await client.call(AgentMetadataService.method.listAgents, {});
    const gate = Promise.withResolvers<void>();
    memory.onCreate = () => gate.promise;
    const { resourceMeta } = await client.call(v1.createTask, createRequest("n0"), { deadlineMs: 1500 });
    gate.resolve();
    const phase = async () =>
      (await client.call(v1.getTask, { resourceMeta, taskCategory: { name: "memory" } })).resource?.phase;
    await expect.poll(phase, { timeout: 20_000 }).toBe(phaseNumbers.RUNNING);
    expect(memory.jobs.size).toBe(1);
  });
});

describe("messages", () => {
  test("a request may be longer than gRPC's four megabytes", async () => {
    const { client, memory } = await served();
    const request = createRequest("n0");
    const template = { ...request.template, custom: { big: "x".repeat(8 * 2 ** 20) } };
    await client.call(v1.createTask, { ...request, template });
    expect(memory.creates).toBe(1);
  });

  test("one that is longer than allowed is refused", async () => {
    const { client } = await served({ limits: { maxRequestBytes: 1000 } });
    const request = { ...createRequest("n0"), outputPrefix: "x".repeat(2000) };
    await expect(client.call(v1.createTask, request)).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  });

  test("pings keep a connection open that has no calls", async () => {
    const { service } = await served();
    const session = connect(`http://127.0.0.1:${service.port}`);
    onTestFinished(() => session.close());
    await new Promise((resolve) => session.once("connect", resolve));
    let goaway = false;
    session.on("goaway", () => {
      goaway = true;
    });
    for (let left = 50; left > 0; left -= 1) {
      await new Promise<void>((resolve, reject) => {
        session.ping((error) => (error === null ? resolve() : reject(error)));
      });
    }
    expect(goaway).toBe(false);
  });
});

describe("bearer tokens", () => {
  const about = { resourceMeta: new Uint8Array(), taskCategory: { name: "nobody" } };

  test("a call without one, or with a wrong one, is not answered; health is", async () => {
    const { client, service } = await served({ tokens: { tokens: ["right-token"] } });
    const refused = { code: status.UNAUTHENTICATED };
    await expect(client.call(v1.getTask, about)).rejects.toMatchObject(refused);
    await expect(
      client.call(v1.getTask, about, { headers: { authorization: "Bearer wrong-token" } }),
    ).rejects.toMatchObject(refused);
    await expect(client.stream(v1.getTaskLogs, [about])).rejects.toMatchObject(refused);
    await expect(
      client.call(v1.getTask, about, { headers: { authorization: "Bearer right-token" } }),
    ).rejects.toMatchObject({ code: status.NOT_FOUND });
    expect(await checkHealth({ address: `127.0.0.1:${service.port}` })).toBe("SERVING");
  });

  test("a file of them is read again when it changes", async () => {
    const folder = mkdtempSync(join(tmpdir(), "flyte-ts-tokens-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const tokenFile = join(folder, "tokens");
    writeFileSync(tokenFile, "first\nsecond\n");
    const { BearerTokens } = await import("../src/services/bearer-tokens.ts");
    let now = 0;
    const tokens = new BearerTokens({ tokenFile }, () => now);
    expect(
      ["Bearer first", "bearer second", "Bearer third", "first", "Bearer ", undefined].map((one) =>
        tokens.accepts(one),
      ),
    ).toEqual([true, true, false, false, false, false]);
    writeFileSync(tokenFile, "third\n");
    utimesSync(tokenFile, 10, 10);
    now += 10_000;
    expect(["Bearer first", "Bearer third"].map((one) => tokens.accepts(one))).toEqual([false, true]);
    rmSync(tokenFile);
    now += 10_000;
    expect(tokens.accepts("Bearer third")).toBe(true);
  });

  test("a file without any is a mistake", async () => {
    await expect(served({ tokens: { tokenFile: "/dev/null" } })).rejects.toMatchObject({ code: "InvalidInput" });
  });
});

describe("TLS", () => {
  const files = () => {
    const folder = mkdtempSync(join(tmpdir(), "flyte-ts-tls-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const write = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const [server, client] = [selfSigned(), selfSigned()];
    return {
      cert: write("server.crt", server.cert),
      key: write("server.key", server.key),
      clientCert: write("client.crt", client.cert),
      clientKey: write("client.key", client.key),
      server,
      client,
    };
  };
  const target = { "grpc.ssl_target_name_override": "127.0.0.1" };

  test("a client that trusts the certificate gets through, one without TLS does not", async () => {
    const { cert, key, server } = files();
    const { service, client } = await served({ tls: { cert, key } });
    const trusting = new FlyteClient(service.port, credentials.createSsl(Buffer.from(server.cert)), target);
    onTestFinished(() => trusting.close());
    await trusting.call(v1.createTask, createRequest("n0"));
    await expect(client.call(v1.createTask, createRequest("n1"), { deadlineMs: 500 })).rejects.toBeDefined();
    expect(await checkHealth({ address: `127.0.0.1:${service.port}`, ca: cert })).toBe("SERVING");
  });

  test("a check that asks wrongly hears what may be wrong", async () => {
    const { cert, key, clientCert } = files();
    const { service } = await served({ tls: { cert, key }, metricsPort: 0 });
    const refused = async (port: number | undefined, ca: string | undefined, message: RegExp) =>
      await expect(checkHealth({ address: `127.0.0.1:${port}`, ca })).rejects.toMatchObject({
        code: "Unavailable",
        message: expect.stringMatching(message),
      });
    await refused(service.port, undefined, /it may want TLS \(--tls-ca\)/);
    await refused(service.metricsPort, undefined, /or be another service's port/);
    await refused(service.port, clientCert, /certificate/);
    await refused(1, undefined, /ECONNREFUSED 127\.0\.0\.1:1$/);
  });

  test("mutual: a client without its own certificate is refused", async () => {
    const { cert, key, clientCert, clientKey, server, client } = files();
    const { service } = await served({ tls: { cert, key, clientCa: clientCert } });
    const root = Buffer.from(server.cert);
    const known = credentials.createSsl(root, Buffer.from(client.key), Buffer.from(client.cert));
    const [with_, without] = [known, credentials.createSsl(root)].map(
      (one) => new FlyteClient(service.port, one, target),
    );
    onTestFinished(() => {
      with_?.close();
      without?.close();
    });
    await with_?.call(v1.createTask, createRequest("n0"));
    await expect(without?.call(v1.createTask, createRequest("n1"), { deadlineMs: 500 })).rejects.toBeDefined();
    const address = `127.0.0.1:${service.port}`;
    expect(await checkHealth({ address, ca: cert, cert: clientCert, key: clientKey })).toBe("SERVING");
  });

  test("a file that is not there is named", async () => {
    const tls = { cert: "/nowhere/tls.crt", key: "/nowhere/tls.key" };
    await expect(served({ tls })).rejects.toMatchObject({
      code: "InvalidInput",
      message: expect.stringMatching(/\/nowhere\/tls\.crt/),
    });
  });

  test("files that hold something else are named, with what they should hold", async () => {
    const { cert, key, clientCert, clientKey } = files();
    const refused = async (tls: TlsOptions, message: RegExp) =>
      await expect(served({ tls })).rejects.toMatchObject({
        code: "InvalidInput",
        message: expect.stringMatching(message),
      });
    await refused({ cert: key, key: cert }, /server\.key holds no certificate .*it begins with a PRIVATE KEY/);
    await refused({ cert, key: clientCert }, /client\.crt holds no private key .*begins with a CERTIFICATE/);
    await refused({ cert, key: clientKey }, /client\.key does not belong to the certificate .*server\.crt/);
    // an authority without a certificate would refuse every client, and say nothing
    await refused({ cert, key, clientCa: clientKey }, /the clients' authority .*client\.key holds no certificate/);
    await expect(checkHealth({ ca: clientKey })).rejects.toMatchObject({
      code: "InvalidInput",
      message: expect.stringMatching(/client\.key/),
    });
    await expect(checkHealth({ cert })).rejects.toMatchObject({
      code: "InvalidInput",
      message: expect.stringMatching(/go together/),
    });
  });

  test("a key with a passphrase is refused for that", async () => {
    const { cert, clientKey } = files();
    const encrypted = generateKeyPairSync("ec", {
      namedCurve: "prime256v1",
      privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-128-cbc", passphrase: "x" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    writeFileSync(clientKey, encrypted.privateKey);
    await expect(served({ tls: { cert, key: clientKey } })).rejects.toMatchObject({
      message: expect.stringMatching(/without a passphrase/),
    });
  });
});

test("a port that is taken is an error that names it", async () => {
  const { service } = await served();
  await expect(serveConnectors({ host: "127.0.0.1", port: service.port })).rejects.toMatchObject({
    code: "InvalidInput",
    message: expect.stringMatching(new RegExp(`port ${service.port}.*choose another port`)),
  });
});
