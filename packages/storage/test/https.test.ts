import { createServer, globalAgent, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { selfSigned } from "@flyte-ts/core/testing";
import { createHttpStorage, createS3Storage } from "@flyte-ts/storage";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { collect } from "./bytes.ts";
import { ObjectServer } from "./http-server.ts";

const { key, cert } = selfSigned();
let secure: Server;
let plain: ObjectServer;
let origin: string;
beforeAll(async () => {
  plain = await ObjectServer.start();
  plain.objects.set("object", Buffer.from("content"));
  secure = createServer({ key, cert }, (request, response) => {
    if (request.url === "/down") return void response.writeHead(302, { location: `${plain.origin}/object` }).end();
    response.end("content");
  });
  await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
  origin = `https://127.0.0.1:${(secure.address() as AddressInfo).port}`;
});
afterAll(async () => {
  secure.closeAllConnections();
  await new Promise((resolve) => secure.close(resolve));
  await plain.stop();
});
afterEach(() => {
  delete globalAgent.options.ca;
  globalAgent.destroy();
});
const trust = (): void => void Object.assign(globalAgent.options, { ca: cert });
const read = async (uri: string): Promise<string> => (await collect((await createHttpStorage()).read(uri))).toString();

test("an https server with a certificate that is trusted is read", async () => {
  trust();
  expect(await read(`${origin}/object`)).toBe("content");
});

test("one whose certificate is not trusted is refused at once, for HTTP and for S3", async () => {
  const refused = { code: "PermissionDenied", message: expect.stringContaining("NODE_EXTRA_CA_CERTS") };
  await expect(read(`${origin}/object`)).rejects.toMatchObject(refused);
  const s3 = await createS3Storage({ endpoint: origin, credentials: { accessKeyId: "a", secretAccessKey: "b" } });
  await expect(s3.stat("s3://bucket/object")).rejects.toMatchObject(refused);
});

test("a redirect from https to http is followed without credentials, and refused with them", async () => {
  trust();
  expect(await read(`${origin}/down`)).toBe("content");
  await expect(read(`${origin.replace("//", "//me:secret@")}/down`)).rejects.toMatchObject({
    code: "PermissionDenied",
    message: expect.stringMatching(/redirects from https to http:.*not followed with credentials/),
  });
  expect(plain.seen).toHaveLength(1);
});
