/** The floor: a bare HTTP/2 server that reads each request and answers it with the same bytes. `node floor.ts HEX` */
import { createServer } from "node:http2";

const frame = Buffer.from(process.argv[2] ?? "", "hex");
const server = createServer();
server.on("stream", (stream) => {
  stream.on("data", () => {});
  stream.on("end", () => {
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0", "grpc-message": "OK" }));
    stream.end(frame);
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  console.log(`port ${typeof address === "object" ? address?.port : ""}`);
});
