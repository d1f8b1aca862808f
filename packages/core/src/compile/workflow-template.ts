import { create } from "@bufbuild/protobuf";
import {
  type Identifier,
  IdentifierSchema,
  type Node as NodeMessage,
  NodeSchema,
  ResourceType,
  type WorkflowTemplate,
  WorkflowTemplateSchema,
} from "@flyte-ts/idl/core";
import type { ConversionContext } from "../context/task-context.ts";
import type { AnyEntity } from "../graph/entity.ts";
import { type Graph, type Node, upstreamOf } from "../graph/node.ts";
import { isWorkflow } from "../graph/reachable.ts";
import type { TaskOptions } from "../task/task-metadata.ts";
import { interfaceMessage } from "../task/typed-interface.ts";
import type { AnyType } from "../types/type-transformer.ts";
import { durationMessage } from "../wire/durations.ts";
import { bindingMessage } from "./bindings.ts";
import { allOrProblems } from "./problems.ts";
import type { SerializationSettings } from "./serialization-settings.ts";

/** A workflow's identifier in a project, domain and version. */
function workflowIdentifier(name: string, { project, domain, version }: SerializationSettings): Identifier {
  return create(IdentifierSchema, { resourceType: ResourceType.WORKFLOW, project, domain, name, version });
}

/** A workflow as Flyte stores it; the start and end nodes are implied. */
export async function workflowTemplate(
  workflow: AnyEntity & { readonly graph: Graph },
  settings: SerializationSettings,
  context: ConversionContext,
): Promise<WorkflowTemplate> {
  const { graph } = workflow;
  const outputs = Object.entries(graph.outputs).map(([name, { type, binding }]) =>
    bindingMessage(name, binding, type, context, `workflow ${workflow.name}: output "${name}"`),
  );
  const nodes = graph.nodes.map((node) => nodeMessage(workflow.name, node, settings, context));
  return create(WorkflowTemplateSchema, {
    id: workflowIdentifier(workflow.name, settings),
    metadata: {},
    metadataDefaults: {},
    interface: interfaceMessage(workflow),
    nodes: await allOrProblems(nodes),
    outputs: sorted(await allOrProblems(outputs)),
  });
}

async function nodeMessage(
  workflow: string,
  node: Node,
  settings: SerializationSettings,
  context: ConversionContext,
): Promise<NodeMessage> {
  const { entity } = node;
  const inputs = Object.entries(node.bindings).map(([name, binding]) => {
    const place = `workflow ${workflow}: ${node.id} (${entity.name}), input "${name}"`;
    return bindingMessage(name, binding, entity.inputs[name] as AnyType, context, place);
  });
  const parts = {
    id: node.id,
    inputs: sorted(await allOrProblems(inputs)),
    upstreamNodeIds: [...upstreamOf(node)].map(({ id }) => id),
  };
  const name = shortName(entity.name);
  if (isWorkflow(entity)) {
    const reference = { case: "subWorkflowRef", value: workflowIdentifier(entity.name, settings) } as const;
    return create(NodeSchema, {
      ...parts,
      metadata: { name, retries: {} },
      target: { case: "workflowNode", value: { reference } },
    });
  }
  const { retries = 0, timeout } = optionsOf(entity);
  const { project, domain, version } = settings;
  const value = { resourceType: ResourceType.TASK, project, domain, name: entity.name, version };
  return create(NodeSchema, {
    ...parts,
    metadata: {
      name,
      retries: { retries },
      ...(timeout === undefined ? {} : { timeout: durationMessage(timeout) }),
    },
    target: {
      case: "taskNode",
      value: { reference: { case: "referenceId", value }, overrides: { resources: {} } },
    },
  });
}

/** Propeller takes a node's timeout and retries from the node alone, so a task's are copied there. */
const optionsOf = (entity: AnyEntity): TaskOptions => ("options" in entity ? (entity.options as TaskOptions) : {});

/** The last part of a dotted name, as flytekit shows it. */
const shortName = (name: string): string => name.split(".").at(-1) ?? name;

const sorted = <T extends { readonly var: string }>(bindings: readonly T[]): T[] =>
  [...bindings].sort((a, b) => (a.var < b.var ? -1 : a.var > b.var ? 1 : 0));
