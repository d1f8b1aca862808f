import {
  create,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import {
  type ChannelCredentials,
  Client,
  type ClientDuplexStream,
  type ClientOptions,
  credentials,
  Metadata,
} from "@grpc/grpc-js";

/** A client in Flyte's place: calls the generated services' methods with generated messages. */
export class FlyteClient {
  readonly client: Client;

  constructor(port: number, channel: ChannelCredentials = credentials.createInsecure(), options: ClientOptions = {}) {
    this.client = new Client(`localhost:${port}`, channel, {
      "grpc.enable_http_proxy": 0,
      // otherwise clients of one address share a connection
      "grpc.use_local_subchannel_pool": 1,
      ...options,
    });
  }

  /** Calls a unary method. @throws grpc-js' ServiceError. */
  call<Method extends DescMethod>(
    method: Method,
    request: MessageInitShape<Method["input"]>,
    options: { readonly deadlineMs?: number; readonly headers?: Record<string, string>; readonly raw?: Buffer } = {},
  ): Promise<MessageShape<Method["output"]>> {
    const { deadlineMs = 60_000, raw = Buffer.from(toBinary(method.input, create(method.input, request))) } = options;
    return new Promise((resolve, reject) => {
      this.client.makeUnaryRequest(
        pathOf(method),
        asIs,
        asIs,
        raw,
        metadataOf(options.headers),
        { deadline: Date.now() + deadlineMs },
        (error, bytes) =>
          error === null ? resolve(fromBinary(method.output, bytes ?? Buffer.alloc(0)) as never) : reject(error),
      );
    });
  }

  /** Sends messages, and collects those that come back. @throws grpc-js' ServiceError. */
  async stream<Method extends DescMethod>(
    method: Method,
    requests: readonly MessageInitShape<Method["input"]>[],
    headers: Record<string, string> = {},
    deadlineMs = 60_000,
  ): Promise<MessageShape<Method["output"]>[]> {
    const call = this.open(method, requests, headers, deadlineMs);
    const messages: MessageShape<Method["output"]>[] = [];
    for await (const bytes of call) messages.push(fromBinary(method.output, bytes as Buffer) as never);
    return messages;
  }

  /** Sends messages, and leaves the rest to the caller. */
  open<Method extends DescMethod>(
    method: Method,
    requests: readonly MessageInitShape<Method["input"]>[],
    headers: Record<string, string> = {},
    deadlineMs = 60_000,
  ): ClientDuplexStream<Buffer, Buffer> {
    const deadline = Date.now() + deadlineMs;
    const call = this.client.makeBidiStreamRequest(pathOf(method), asIs, asIs, metadataOf(headers), { deadline });
    for (const request of requests) call.write(Buffer.from(toBinary(method.input, create(method.input, request))));
    call.end();
    return call;
  }

  close(): void {
    this.client.close();
  }
}

const pathOf = (method: DescMethod): string => `/${method.parent.typeName}/${method.name}`;
const asIs = (bytes: Buffer): Buffer => bytes;

function metadataOf(headers: Record<string, string> = {}): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return metadata;
}
