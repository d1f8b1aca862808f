import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Storage } from "@flyte-ts/core/plugin";
import { storageContract } from "@flyte-ts/core/testing";
import { createHttpStorage, type HttpStorageOptions } from "@flyte-ts/storage";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Emulator, startEmulator } from "../src/emulators/emulator.ts";

/** A web server with files: moto gives the objects of a public bucket to anybody. */
let web: Emulator;
const forAll = { "x-amz-acl": "public-read" };
/** Leads every request on to the web server. */
let signpost: Server;
let from: string;
beforeAll(async () => {
  web = await startEmulator("moto");
  await fetch(`${web.direct}/bucket`, { method: "PUT", headers: forAll });
  signpost = createServer((request, response) => {
    request.resume();
    response.writeHead(307, { location: `${web.endpoint}${request.url}` }).end();
  });
  await new Promise<void>((resolve) => signpost.listen(0, "127.0.0.1", resolve));
  from = `http://127.0.0.1:${(signpost.address() as AddressInfo).port}`;
});
afterAll(async () => {
  signpost?.close();
  await web?.stop();
});
beforeEach(() => web.faults.clear());

const storage = (options: HttpStorageOptions = {}): Promise<Storage> =>
  createHttpStorage({ backoffMs: 10, ...options });
const content = Buffer.alloc(1_000_000, "some text of no meaning, ");
const put = async (path: string, bytes: Uint8Array): Promise<void> =>
  void (await fetch(`${web.direct}${path}`, { method: "PUT", headers: forAll, body: Buffer.from(bytes) }));

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

for (const way of ["straight", "by a redirect"] as const) {
  describe(`HTTP, ${way}`, () => {
    const origin = (): string => (way === "straight" ? web.endpoint : from);

    storageContract({
      test,
      subject: async () => {
        const path = `/bucket/${randomUUID()}`;
        return {
          storage: await storage(),
          folder: origin() + path,
          put: (name, bytes) => put(`${path}/${name}`, bytes),
        };
      },
    });

    test("what is throttled, refused, reset or cut off for a while is read in the end", async () => {
      const path = `/bucket/${randomUUID()}`;
      await put(path, content);
      const http = await storage();
      for (const fault of [
        { status: 429, do: "answer", retryAfter: 0 },
        { status: 503, do: "answer", retryAfter: 0 },
        { do: "reset" },
        { do: "truncate" },
        { do: "lose" },
      ] as const) {
        await web.faults.add({ method: "GET", path, times: 2, ...fault });
        expect((await collect(http.read(origin() + path))).equals(content), JSON.stringify(fault)).toBe(true);
        await web.faults.add({ method: "HEAD", path, ...fault });
        expect(await http.stat(origin() + path)).toMatchObject({ size: content.byteLength });
        await web.faults.clear();
      }
    });

    test("what is so for ever says so, and what hangs ends by its deadline or the signal", async () => {
      const path = `/bucket/${randomUUID()}`;
      await put(path, content);
      const hasty = await storage({ retries: 1, timeoutMs: 200 });
      for (const [fault, code] of [
        [{ status: 429, do: "answer" }, "Throttled"],
        [{ status: 503, do: "answer" }, "Unavailable"],
        [{ status: 403, do: "answer" }, "PermissionDenied"],
        [{ do: "reset" }, "Unavailable"],
        [{ do: "hang" }, "Unavailable"],
      ] as const) {
        await web.faults.add({ path, times: 0, ...fault });
        await expect(hasty.stat(origin() + path)).rejects.toMatchObject({ code });
        await expect(collect(hasty.read(origin() + path))).rejects.toMatchObject({ code });
        await web.faults.clear();
      }
      await web.faults.add({ path, times: 0, do: "hang" });
      const abort = new AbortController();
      const reading = collect((await storage()).read(origin() + path, { signal: abort.signal }));
      const outcome = reading.catch((error: unknown) => error);
      while ((await web.faults.log()).length === 0) await new Promise(setImmediate);
      abort.abort(new Error("enough"));
      expect(await outcome).toEqual(new Error("enough"));
    });
  });
}
