import { type DescFile, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { AgentMetadataService } from "@flyte-ts/idl/service";
import { ConnectorMetadataService } from "@flyte-ts/idl/v2/connector";
import { service as health } from "grpc-health-check";

/** The files of all services here and of what they import, each as a `FileDescriptorProto` in binary. */
export function descriptors(): readonly Buffer[] {
  const files = new Map<string, DescFile>();
  const add = (file: DescFile): void => {
    if (files.has(file.proto.name)) return;
    files.set(file.proto.name, file);
    for (const dependency of file.dependencies) add(dependency);
  };
  // each generation's services stand in one file
  for (const { file } of [AgentMetadataService, ConnectorMetadataService]) add(file);
  const own = [...files.values()].map(({ proto }) => Buffer.from(toBinary(FileDescriptorProtoSchema, proto)));
  const healths = Object.values(health).flatMap(({ requestType }) => requestType?.fileDescriptorProtos ?? []);
  return [...own, ...healths];
}
