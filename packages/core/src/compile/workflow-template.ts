import { create } from "@bufbuild/protobuf";
import {
  type Node as NodeMessage,
  WorkflowMetadata_OnFailurePolicy as OnFailurePolicy,
  type WorkflowTemplate,
  WorkflowTemplateSchema,
} from "@flyte-ts/idl/core";
import type { ConversionContext } from "../context/task-context.ts";
import { allOf } from "../errors/all-problems.ts";
import type { AnyEntity } from "../graph/entity.ts";
import { type Graph, type Node, upstreamOf } from "../graph/node.ts";
import type { AnyType } from "../types/type-transformer.ts";
import { interfaceMessage } from "../types/typed-interface.ts";
import { workflowIdentifier } from "../wire/identifiers.ts";
import type { SerializationSettings } from "../wire/serialization-settings.ts";
import { bindingMessage } from "./bindings.ts";
import { withOverrides } from "./node-overrides.ts";

/** A workflow as Flyte stores it; the start and end nodes are implied. */
export async function workflowTemplate(
  workflow: AnyEntity & { readonly graph: Graph },
  settings: SerializationSettings,
  context: ConversionContext,
): Promise<WorkflowTemplate> {
  const { failure, failurePolicy, interruptible = false } = workflow.graph;
  const place = `workflow ${workflow.name}`;
  const graph = graphMessages(workflow.graph, settings, context, place);
  const handler = failure === undefined ? undefined : nodeMessage(failure, settings, context, place);
  await allOf<unknown>([graph, ...(handler === undefined ? [] : [handler])]);
  const { nodes, outputs } = await graph;
  const failureNode = await handler;
  return create(WorkflowTemplateSchema, {
    id: workflowIdentifier(workflow.name, settings),
    metadata: {
      onFailure:
        failurePolicy === "fail-after-executable-nodes-complete"
          ? OnFailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE
          : OnFailurePolicy.FAIL_IMMEDIATELY,
    },
    metadataDefaults: { interruptible },
    interface: interfaceMessage(workflow),
    nodes,
    outputs,
    ...(failureNode === undefined ? {} : { failureNode }),
  });
}

/**
 * The wire form of a graph: its nodes, and what its outputs are bound to, in the order in which they are declared.
 * @param place whose graph it is, for messages.
 * @throws FlyteError `InvalidDefinition` with a line for each value that is not of its type.
 */
export async function graphMessages(
  graph: Graph,
  settings: SerializationSettings,
  context: ConversionContext,
  place: string,
): Promise<Pick<WorkflowTemplate, "nodes" | "outputs">> {
  const nodes = graph.nodes.map((node) => nodeMessage(node, settings, context, place));
  const outputs = Object.entries(graph.outputs).map(([name, { type, binding }]) =>
    bindingMessage(name, binding, type, context, `${place}: output "${name}"`),
  );
  await allOf<unknown>([...nodes, ...outputs]);
  return { nodes: await Promise.all(nodes), outputs: await Promise.all(outputs) };
}

/** The wire form of a node: what all have alike, and what its entity makes of it. */
async function nodeMessage(
  node: Node,
  settings: SerializationSettings,
  context: ConversionContext,
  place: string,
): Promise<NodeMessage> {
  const { entity } = node;
  const bindings = async (of: Node): Promise<NodeMessage["inputs"]> => {
    const messages = Object.entries(of.bindings).map(([name, binding]) => {
      const input = `${place}: ${of.id} (${of.entity.name}), input "${name}"`;
      return bindingMessage(name, binding, of.entity.inputs[name] as AnyType, context, input);
    });
    return sorted(await allOf(messages));
  };
  const form = await entity.asNode.form(node, {
    settings,
    context,
    nodeMessage: (inner) => nodeMessage(inner, settings, context, `${place}: ${node.id} (${entity.name})`),
    bindings,
  });
  const message: NodeMessage = {
    $typeName: "flyteidl.core.Node",
    id: node.id,
    inputs: form.inputs ?? (await bindings(node)),
    upstreamNodeIds: [...upstreamOf(node)].map(({ id }) => id),
    outputAliases: [],
    target: form.target,
    ...(form.metadata === undefined ? {} : { metadata: form.metadata }),
  };
  return withOverrides(message, node, settings);
}

const sorted = <T extends { readonly var: string }>(bindings: readonly T[]): T[] =>
  [...bindings].sort((a, b) => (a.var < b.var ? -1 : a.var > b.var ? 1 : 0));
