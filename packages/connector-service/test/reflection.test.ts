import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { FieldReader } from "../src/wire/field-reader.ts";
import { FieldWriter } from "../src/wire/field-writer.ts";
import type { FlyteClient } from "./flyte-client.ts";
import { served } from "./served.ts";

/** Asks by either of the names; field 7 lists services, 4 finds a symbol, 3 a file. */
async function ask(client: FlyteClient, version: string, field: number, value: string): Promise<Buffer[]> {
  const asIs = (bytes: Buffer): Buffer => bytes;
  const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
  const call = client.client.makeBidiStreamRequest(path, asIs, asIs);
  call.write(new FieldWriter().text(field, value).finish());
  call.end();
  const answers: Buffer[] = [];
  for await (const bytes of call) answers.push(bytes as Buffer);
  return answers;
}

/** The values of a field. */
function fields(bytes: Uint8Array | undefined, field: number): Buffer[] {
  const found: Buffer[] = [];
  for (const reader = new FieldReader(bytes ?? Buffer.alloc(0)); reader.next(); ) {
    if (reader.field === field) found.push(reader.bytes());
  }
  return found;
}

test.each(["v1", "v1alpha"])("reflection %s lists the services and gives their files", async (version) => {
  const { client } = await served();
  const [list] = await ask(client, version, 7, "*");
  const names = fields(fields(list, 6)[0], 1).map((service) => fields(service, 1)[0]?.toString());
  expect(names).toEqual(
    expect.arrayContaining([
      "flyteidl.service.AsyncAgentService",
      "flyteidl.service.SyncAgentService",
      "flyteidl.service.AgentMetadataService",
      "flyteidl2.connector.AsyncConnectorService",
      "flyteidl2.connector.ConnectorMetadataService",
      "grpc.health.v1.Health",
    ]),
  );
  const [file] = await ask(client, version, 4, "flyteidl2.connector.AsyncConnectorService");
  const protos = fields(fields(file, 4)[0], 1).map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
  expect(protos.map(({ name }) => name)).toContain("flyteidl2/connector/connector.proto");
});
