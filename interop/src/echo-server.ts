/** A program: an HTTP server that answers each request with what it got, as JSON. Its argument is the port. */
import { createServer } from "node:http";

createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method, url, headers } = request;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString() }));
}).listen(Number(process.argv[2]), "127.0.0.1");
