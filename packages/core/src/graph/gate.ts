import type { MessageInitShape } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import { type GateNodeSchema, NodeSchema } from "@flyte-ts/idl/core";
import { runGate } from "../local/run-gate.ts";
import type { AnyType, Types } from "../types/type-transformer.ts";
import { durationMessage } from "../wire/durations.ts";
import type { AnyEntity } from "./entity.ts";
import type { NodeBehaviour } from "./node-behaviour.ts";

/** What a gate may say. */
export interface GateOptions {
  /** How long to wait for a person, in milliseconds; an hour by default, as flytekit's. */
  readonly timeout?: number;
}

/** What a gate waits for: a person's yes, a person's value, or time. */
export type GateCondition =
  | { readonly kind: "approve" }
  | { readonly kind: "input"; readonly type: AnyType }
  | { readonly kind: "sleep"; readonly ms: number };

const hour = 3_600_000;

/** A node that runs nothing and waits. */
export class Gate implements AnyEntity {
  readonly inline = true;
  readonly name: string;
  readonly inputs: Types;
  readonly outputs: Types;
  readonly unwrapped: boolean;
  readonly gate: GateCondition;
  /** The most that it waits, in milliseconds. */
  readonly timeout: number;

  constructor(name: string, gate: GateCondition, inputs: Types, outputs: Types, timeout = hour) {
    this.name = name;
    this.gate = gate;
    this.inputs = inputs;
    this.outputs = outputs;
    this.unwrapped = Object.keys(outputs).length === 1;
    // A node's timeout holds for sleeping too, so a sleep of an hour or more would never end well.
    this.timeout = gate.kind === "sleep" ? Math.max(timeout, gate.ms < hour ? 0 : gate.ms + hour) : timeout;
  }

  get asNode(): NodeBehaviour {
    return {
      parts: [],
      form: async () => {
        const { target, metadata } = create(NodeSchema, {
          metadata: { name: this.name, timeout: durationMessage(this.timeout), retries: {} },
          target: { case: "gateNode", value: { condition: this.#condition() } },
        });
        return { target, metadata };
      },
      run: (_node, inputs, run) => runGate(this, inputs, run),
    };
  }

  #condition(): NonNullable<MessageInitShape<typeof GateNodeSchema>["condition"]> {
    const { gate, name } = this;
    switch (gate.kind) {
      case "approve":
        return { case: "approve", value: { signalId: name } };
      case "input":
        return { case: "signal", value: { signalId: name, type: gate.type.literalType, outputVariableName: "o0" } };
      case "sleep":
        return { case: "sleep", value: { duration: durationMessage(gate.ms) } };
    }
  }
}

/** True for a gate, of whichever copy of the package. */
export function isGate(entity: AnyEntity): entity is Gate {
  return "gate" in entity;
}
