import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createTokenServer, type RequestListener } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { selfSigned } from "@flyte-ts/core/testing";
import { expect, test } from "vitest";

const script = `
  import { createAzureStorage } from "@flyte-ts/storage";
  const az = await createAzureStorage({ endpoint: process.env.BLOBS, retries: 0 });
  const stats = [await az.stat("abfs://box/object"), await az.stat("abfs://box/object")];
  console.log(JSON.stringify(stats.map(({ size, etag }) => [size, etag])));
`;

test("Azure's chain of credentials finds the identity that a pod is given, and one token serves many requests", async () => {
  const folder = await mkdtemp(join(tmpdir(), "flyte-azure-identity-"));
  const { key, cert } = selfSigned();
  const tokens: (string | undefined)[] = [];
  const blobs: (string | undefined)[] = [];
  const give: RequestListener = ({ url, headers }, response) => {
    tokens.push(`${headers["x-identity-header"]} for ${new URL(url ?? "", "http://x").searchParams.get("resource")}`);
    response.setHeader("content-type", "application/json");
    const expires = Math.floor(Date.now() / 1000) + 7200;
    response.end(JSON.stringify({ access_token: "of-the-pod", expires_on: `${expires}`, token_type: "Bearer" }));
  };
  const tokenServer = createTokenServer(give);
  const blobServer = createServer({ key, cert }, ({ headers, method, url }, response) => {
    blobs.push(`${method} ${url} ${headers.authorization}`);
    response.writeHead(200, { "content-length": 3, etag: '"0x1"', "last-modified": "Wed, 01 Jan 2025 00:00:00 GMT" });
    response.end();
  });
  const portOf = async (server: typeof tokenServer | typeof blobServer): Promise<number> => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  };
  try {
    await writeFile(join(folder, "ca.pem"), cert);
    const flags = ["--conditions=@flyte-ts/source", "--experimental-transform-types", "--no-warnings"];
    const args = [...flags, "--input-type=module", "--eval", script];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: import.meta.dirname,
      env: {
        NODE_EXTRA_CA_CERTS: join(folder, "ca.pem"),
        IDENTITY_ENDPOINT: `http://127.0.0.1:${await portOf(tokenServer)}/token`,
        IDENTITY_HEADER: "the pod",
        BLOBS: `https://127.0.0.1:${await portOf(blobServer)}/account`,
      },
    });
    expect(JSON.parse(stdout)).toEqual([
      [3, '"0x1"'],
      [3, '"0x1"'],
    ]);
    expect(tokens).toEqual(["the pod for https://storage.azure.com"]);
    expect(blobs).toEqual(Array.from({ length: 2 }, () => "HEAD /account/box/object Bearer of-the-pod"));
  } finally {
    tokenServer.close();
    blobServer.closeAllConnections();
    blobServer.close();
    await rm(folder, { recursive: true });
  }
});
