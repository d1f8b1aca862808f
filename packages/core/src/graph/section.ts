import { FlyteContext } from "../context/flyte-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { GraphBuilder } from "./graph-builder.ts";
import type { Node } from "./node.ts";
import type { NodeOutput } from "./node-output.ts";

/** Collects the nodes of a conditional's branches: they are numbered by themselves, and may use what stands outside. */
export class Section extends GraphBuilder {
  readonly #outer: GraphBuilder;
  /** The nodes of branches that are made; what comes later may not use them. */
  #made = 0;
  #ended = false;

  constructor(outer: GraphBuilder, name: string) {
    super(name, outer.prefix);
    this.#outer = outer;
    outer.hold(this);
  }

  override get place(): string {
    return `${this.#outer.place}: ${this.workflow}`;
  }

  override get root(): GraphBuilder {
    return this.#outer.root;
  }

  override get open(): boolean {
    return this.#outer.open;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The conditional has its last branch. */
  end(): void {
    this.#ended = true;
  }

  /** Runs the callback of one branch; the nodes that it made. */
  collect(way: () => unknown): { readonly returned: unknown; readonly nodes: readonly Node[] } {
    const { builders } = FlyteContext.default();
    builders.push(this);
    try {
      const returned = way();
      return { returned, nodes: this.nodes.slice(this.#made) };
    } finally {
      builders.pop();
      this.#made = this.nodes.length;
    }
  }

  override owns(output: NodeOutput<unknown>): boolean {
    const { source } = output;
    if (this.#outer.owns(output)) return true;
    return source.kind === "node" && this.nodes.slice(this.#made).includes(source.node);
  }

  override check(): void {
    if (!this.#ended) {
      throw new FlyteError("InvalidDefinition", `${this.place} has no end: close it with else(…) or fail("…")`);
    }
    for (const { id, entity, after } of this.nodes) {
      if (after.size === 0) continue;
      throw new FlyteError(
        "InvalidDefinition",
        `${this.place}: Flyte keeps no order for a node in a branch (${id}, ${entity.name}); call runsBefore with the conditional itself`,
      );
    }
    super.check();
  }
}
