import type { handleBidiStreamingCall, Server, ServiceDefinition, UntypedServiceImplementation } from "@grpc/grpc-js";
import type { Dispatcher } from "./dispatcher.ts";
import { byteService } from "./dispatcher.ts";

/** The two names under which clients ask: today's, and the one that most still use. */
const names = ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"] as const;

type Handler = handleBidiStreamingCall<Buffer, Uint8Array>;

/**
 * Offers gRPC's reflection. What it answers from is made when the first client asks: it takes a start's time, and most
 * services are never asked.
 */
export function addReflection(server: Server, dispatcher: Dispatcher): void {
  let made: Promise<ReadonlyMap<string, Captured>> | undefined;
  for (const name of names) {
    const handle: Handler = (call) => {
      if (!dispatcher.admits(call)) return;
      made ??= reflectionServices();
      made.then(
        (services) => services.get(name)?.answer(call),
        (error: unknown) => call.destroy(error as Error),
      );
    };
    const method = "ServerReflectionInfo";
    server.addService(byteService(name, { [method]: { requestStream: true, responseStream: true } }), {
      [method]: handle,
    });
  }
}

/** A service of the library's, spoken to in bytes. */
interface Captured {
  answer(call: Parameters<Handler>[0]): void;
}

async function reflectionServices(): Promise<ReadonlyMap<string, Captured>> {
  const [{ ReflectionService }, { descriptors }] = await Promise.all([
    import("@grpc/reflection"),
    import("./descriptors.ts"),
  ]);
  const services = new Map<string, Captured>();
  const recorder = {
    addService(definition: ServiceDefinition, implementation: UntypedServiceImplementation): void {
      for (const [name, method] of Object.entries(definition)) {
        const run = implementation[name] as ((stream: object) => void) | undefined;
        const [, service = ""] = method.path.split("/");
        services.set(service, {
          answer: (call) =>
            run?.({
              on: (event: "data" | "end", listener: (message?: unknown) => void) =>
                call.on(event, (bytes?: Buffer) =>
                  listener(bytes === undefined ? undefined : method.requestDeserialize(bytes)),
                ),
              write: (message: never) => call.write(method.responseSerialize(message)),
              end: () => call.end(),
            }),
        });
      }
    },
  };
  const root = { all: { fileDescriptorProtos: descriptors() } };
  new ReflectionService(root as object as ConstructorParameters<typeof ReflectionService>[0]).addToServer(recorder);
  return services;
}
