import type { ServiceDefinition, UntypedServiceImplementation } from "@grpc/grpc-js";
import type { GrpcCall } from "../grpc/grpc-call.ts";
import type { GrpcServer } from "../grpc/grpc-server.ts";
import type { Dispatcher } from "./dispatcher.ts";

/** The two names under which clients ask: today's, and the one that most still use. */
const names = ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"] as const;

/**
 * Offers gRPC's reflection. What it answers from is made when the first client asks: it takes a start's time, and most
 * services are never asked.
 */
export function addReflection(server: GrpcServer, dispatcher: Dispatcher): void {
  let made: Promise<ReadonlyMap<string, Reflection>> | undefined;
  for (const name of names) {
    const answer = async (call: GrpcCall): Promise<void> => {
      made ??= reflectionServices();
      const reflect = (await made).get(name);
      for await (const request of call.requests()) {
        if (reflect !== undefined && !call.write(reflect(request))) await call.drained();
      }
      call.finish();
    };
    server.handle(`/${name}/ServerReflectionInfo`, (call) => {
      if (dispatcher.admits(call)) answer(call).catch((error: unknown) => call.refuse(error));
    });
  }
}

/** The answer to a request, both in bytes. */
type Reflection = (request: Buffer) => Uint8Array;

/** The library's services, taken out of what it adds to a server of grpc-js'. */
async function reflectionServices(): Promise<ReadonlyMap<string, Reflection>> {
  const [{ ReflectionService }, { descriptors }] = await Promise.all([
    import("@grpc/reflection"),
    import("./descriptors.ts"),
  ]);
  const services = new Map<string, Reflection>();
  const recorder = {
    addService(definition: ServiceDefinition, implementation: UntypedServiceImplementation): void {
      for (const [name, method] of Object.entries(definition)) {
        const run = implementation[name] as ((stream: object) => void) | undefined;
        const [, service = ""] = method.path.split("/");
        let ask: ((message: unknown) => void) | undefined;
        let answer: unknown;
        // it answers each message with one, at once
        run?.({
          on: (event: "data" | "end", listener: (message?: unknown) => void) => {
            if (event === "data") ask = listener;
          },
          write: (message: unknown) => {
            answer = message;
          },
        });
        services.set(service, (request) => {
          ask?.(method.requestDeserialize(request));
          return method.responseSerialize(answer as never);
        });
      }
    },
  };
  const root = { all: { fileDescriptorProtos: descriptors() } };
  new ReflectionService(root as object as ConstructorParameters<typeof ReflectionService>[0]).addToServer(recorder);
  return services;
}
