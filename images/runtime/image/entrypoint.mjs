// Runs the entrypoint in the image's build as a cluster would: its files lie in an object store, which is this process.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";

/** Where a task's files are; `args` of a run begin with these. */
const files = {
  "--inputs": "s3://warm-up/inputs.pb",
  "--output-prefix": "s3://warm-up/out",
  "--raw-output-data-prefix": "s3://warm-up/raw",
};

/**
 * Runs a task to its end, and fails the build when it does not write its outputs.
 * @param args what follows the files: the resolver, "--", and what it takes
 * @param objects what the store holds, bytes by `s3:` URI; inputs without values unless given
 */
export async function runEntrypoint(args, objects = {}) {
  const held = new Map(Object.entries({ [files["--inputs"]]: new Uint8Array(), ...objects }));
  const server = createServer((request, response) => answer(held, request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const env = {
    ...process.env,
    FLYTE_AWS_ENDPOINT: `http://127.0.0.1:${server.address().port}`,
    FLYTE_AWS_ACCESS_KEY_ID: "warm-up",
    FLYTE_AWS_SECRET_ACCESS_KEY: "warm-up",
    AWS_REGION: "us-east-1",
  };
  const child = spawn("flyte-ts-execute", [...Object.entries(files).flat(), ...args], { env, stdio: "inherit" });
  const [status] = await once(child, "close");
  server.close();
  server.closeAllConnections();
  if (status === 0 && held.has("s3://warm-up/out/outputs.pb")) return;
  const error = held.get("s3://warm-up/out/error.pb");
  console.error(
    `warm-up: exit code ${status}, outputs ${held.has("s3://warm-up/out/outputs.pb") ? "" : "not "}written`,
  );
  if (error !== undefined)
    console.error(
      Buffer.from(error)
        .toString("latin1")
        .replaceAll(/[^ -~\n]+/g, " "),
    );
  process.exit(1);
}

/** As much of S3 as one task needs: whole objects, by path. */
async function answer(held, request, response) {
  const key = `s3:/${new URL(request.url, "http://store").pathname}`;
  if (request.method === "PUT") {
    const body = [];
    for await (const chunk of request) body.push(chunk);
    held.set(key, Buffer.concat(body));
    response.writeHead(200, { etag: '"0"' }).end();
    return;
  }
  // The bucket itself.
  if (/^s3:\/\/[^/]+\/?$/.test(key)) return void response.writeHead(200).end();
  const bytes = held.get(key);
  if (bytes === undefined) {
    response.writeHead(404, { "content-type": "application/xml" }).end("<Error><Code>NoSuchKey</Code></Error>");
    return;
  }
  const headers = { "content-length": bytes.length, etag: '"0"', "last-modified": new Date(0).toUTCString() };
  response.writeHead(200, headers).end(request.method === "HEAD" ? undefined : bytes);
}
