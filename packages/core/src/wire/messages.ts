/** The messages of flyteidl.core that this package speaks, each as a type and a codec of one name. */
import {
  type DynamicJobSpec as DynamicJobSpecMessage,
  DynamicJobSpecSchema,
  type ErrorDocument as ErrorDocumentMessage,
  ErrorDocumentSchema,
  type LiteralMap as LiteralMapMessage,
  LiteralMapSchema,
  type Literal as LiteralMessage,
  LiteralSchema,
  type LiteralType as LiteralTypeMessage,
  LiteralTypeSchema,
  type TaskTemplate as TaskTemplateMessage,
  TaskTemplateSchema,
  type TypedInterface as TypedInterfaceMessage,
  TypedInterfaceSchema,
} from "@flyte-ts/idl/core";
import { type Codec, codec } from "./codec.ts";

/** `flyteidl.core.Literal`: one value on the wire. */
export type Literal = LiteralMessage;
export const Literal: Codec<typeof LiteralSchema> = /* @__PURE__ */ codec(LiteralSchema);

/** `flyteidl.core.LiteralMap`: values by name; what `inputs.pb` and `outputs.pb` hold. */
export type LiteralMap = LiteralMapMessage;
export const LiteralMap: Codec<typeof LiteralMapSchema> = /* @__PURE__ */ codec(LiteralMapSchema);

/** `flyteidl.core.LiteralType`: a type on the wire. */
export type LiteralType = LiteralTypeMessage;
export const LiteralType: Codec<typeof LiteralTypeSchema> = /* @__PURE__ */ codec(LiteralTypeSchema);

/** `flyteidl.core.TypedInterface`: the inputs and outputs of a task or workflow, on the wire. */
export type InterfaceMessage = TypedInterfaceMessage;
export const InterfaceMessage: Codec<typeof TypedInterfaceSchema> = /* @__PURE__ */ codec(TypedInterfaceSchema);

/** `flyteidl.core.TaskTemplate`: all that Flyte knows of a task. */
export type TaskTemplate = TaskTemplateMessage;
export const TaskTemplate: Codec<typeof TaskTemplateSchema> = /* @__PURE__ */ codec(TaskTemplateSchema);

/** `flyteidl.core.ErrorDocument`: what `error.pb` holds. */
export type ErrorDocument = ErrorDocumentMessage;
export const ErrorDocument: Codec<typeof ErrorDocumentSchema> = /* @__PURE__ */ codec(ErrorDocumentSchema);

/** `flyteidl.core.DynamicJobSpec`: what `futures.pb` holds. */
export type DynamicJobSpec = DynamicJobSpecMessage;
export const DynamicJobSpec: Codec<typeof DynamicJobSpecSchema> = /* @__PURE__ */ codec(DynamicJobSpecSchema);
