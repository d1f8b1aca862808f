import type { ConversionContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { shown } from "../errors/shown.ts";
import { scalarLiteral, scalarOf } from "../wire/literals.ts";
import { type Literal, LiteralType } from "../wire/messages.ts";
import { after } from "./collections.ts";
import type { Plain } from "./plain.ts";
import { type Acceptance, type AnyType, type Awaitable, type JsonSchema, TypeTransformer } from "./type-transformer.ts";
import { literalFits, plainFits, sameWireType } from "./wire-fit.ts";

/** A literal type with the tag of a union's variant; flytekit drops whatever else stood in `structure`. */
export function tagged(type: AnyType): LiteralType {
  const structure = { $typeName: "flyteidl.core.TypeStructure" as const, tag: type.name, dataclassType: {} };
  return { ...type.literalType, structure };
}

/** A literal wrapped as the value of a union's variant, whose type has its tag. */
export function unionLiteral(value: Literal, type: LiteralType): Literal {
  return scalarLiteral({ case: "union", value: { $typeName: "flyteidl.core.Union", value, type } });
}

/** The variants that a type brings into a union: those of a union or an optional, else the type itself. */
export function variantsOf(type: AnyType): readonly AnyType[] {
  return (type as { readonly variants?: readonly AnyType[] }).variants ?? [type];
}

/**
 * `t.union(t.a, t.b, …)`: a value of one of several types. Exactly one of them must take a given value; the literal says
 * which, by the tag that flytekit knows it under.
 */
export class UnionType<Native, Accepted> extends TypeTransformer<Native, Accepted> {
  readonly name = "Typed Union";
  readonly literalType: LiteralType;
  readonly variants: readonly AnyType[];
  override readonly isOptional: boolean;
  protected readonly tags: readonly LiteralType[];

  /** @throws FlyteError `InvalidDefinition` for fewer than two types, or two that nothing tells apart. */
  constructor(types: readonly AnyType[]) {
    super();
    const variants: AnyType[] = [];
    for (const variant of types.flatMap(variantsOf)) {
      const twin = variants.find((other) => alike(other, variant));
      // every optional brings its own "none"
      if (twin === undefined) variants.push(variant);
      else if (variant.name !== "none") {
        throw new FlyteError("InvalidDefinition", `t.union has two variants ${variant.name} that are one on the wire`);
      }
    }
    if (variants.length < 2) throw new FlyteError("InvalidDefinition", "t.union needs two types at least");
    this.variants = variants;
    this.isOptional = variants.some(({ name }) => name === "none");
    this.tags = variants.map(tagged);
    this.literalType = LiteralType.create({ type: { case: "unionType", value: { variants: [...this.tags] } } });
  }

  toLiteral(value: Accepted, context: ConversionContext): Awaitable<Literal> {
    const chosen = this.chosen(value, (variant) => variant.toLiteral(value, context));
    return after(chosen, ({ type, result }) =>
      unionLiteral(result, this.tags[this.variants.indexOf(type)] as LiteralType),
    );
  }
  toPlain(value: Accepted, context: ConversionContext): Awaitable<Plain> {
    const chosen = this.chosen(value, (variant) => variant.toPlain(value, context));
    return after(chosen, ({ result }) => result);
  }
  fromPlain(value: Plain, context: ConversionContext): Awaitable<Native> {
    // Nothing in the value names the variant; the first that it fits is what flytekit takes, too.
    const variant = this.variants.find(({ literalType }) => plainFits(value, literalType));
    if (variant === undefined) throw this.mismatchedPlain(value);
    return variant.fromPlain(value, context) as Awaitable<Native>;
  }
  override accepts(value: unknown): Acceptance {
    const all = this.variants.map((variant) => variant.accepts(value));
    return all.find((kind) => kind === "native") ?? all.find((kind) => kind === "converted") ?? "no";
  }
  jsonSchema(): JsonSchema {
    return { anyOf: this.variants.map((variant) => variant.jsonSchema()) };
  }
  override toNative(literal: Literal, context: ConversionContext): Awaitable<Native> {
    const scalar = scalarOf(literal);
    if (scalar?.case !== "union" || scalar.value.value === undefined) return this.fromLiteral(literal, context);
    const { value, type } = scalar.value;
    const tag = type?.structure?.tag ?? "";
    if (tag === "") return this.toNative(value, context);
    const named = this.variants.filter(({ name }) => name === tag);
    if (named.length === 0) {
      throw new FlyteError("ConversionFailed", `a union's ${tag} cannot be read as one of ${this.variantNames()}`);
    }
    if (named.length === 1) return this.decoded(named, value, context);
    const same = named.filter(({ literalType }) => type !== undefined && sameWireType(literalType, type));
    return this.decoded(same.length === 0 ? named : same, value, context);
  }
  protected fromLiteral(literal: Literal, context: ConversionContext): Awaitable<Native> {
    // A node's output that is no union stands here as it is.
    const fitting = this.variants.filter(({ literalType }) => literalFits(literal, literalType));
    return this.decoded(fitting.length === 0 ? this.variants : fitting, literal, context);
  }
  protected decoded(variants: readonly AnyType[], literal: Literal, context: ConversionContext): Awaitable<Native> {
    const [only] = variants;
    if (variants.length === 1 && only !== undefined) return only.toNative(literal, context) as Awaitable<Native>;
    const reading = attempts(variants, (variant) => variant.toNative(literal, context));
    return after(reading, ({ good, reasons }) => {
      const [first] = good;
      if (first !== undefined && good.length === 1) return first.result as Native;
      if (first === undefined) throw new FlyteError("ConversionFailed", `no variant reads the value: ${reasons}`);
      throw new FlyteError("ConversionFailed", `the value of a union is ambiguous: ${namesOf(good)} read it`);
    });
  }
  /** The one variant that takes the value, and what it makes of it. Those that it is native to come first. */
  protected chosen<R>(value: Accepted, convert: (variant: AnyType) => Awaitable<R>): Awaitable<Attempt<R>> {
    const accepting = (kind: Acceptance): AnyType[] => this.variants.filter((type) => type.accepts(value) === kind);
    const one = ({ good, reasons }: Attempts<R>): Attempt<R> => {
      const [first] = good;
      if (first !== undefined && good.length === 1) return first;
      if (first !== undefined) {
        throw new FlyteError("InvalidType", `${shown(value)} is ambiguous in a union: ${namesOf(good)} take it`);
      }
      const why = reasons === "" ? "" : ` (${reasons})`;
      throw new FlyteError("InvalidType", `expected one of ${this.variantNames()}, got ${shown(value)}${why}`);
    };
    const native = attempts(accepting("native"), convert);
    const settled = after(native, (tried): Awaitable<Attempts<R>> => {
      if (tried.good.length > 0) return tried;
      return after(attempts(accepting("converted"), convert), ({ good, reasons }) => ({
        good,
        reasons: [tried.reasons, reasons].filter((reason) => reason !== "").join("; "),
      }));
    });
    return after(settled as Awaitable<Attempts<R>>, one);
  }
  protected variantNames(): string {
    return this.variants.map(({ name }) => name).join(", ");
  }
}

const alike = (a: AnyType, b: AnyType): boolean => a.name === b.name && sameWireTypeWithin(a, b);

/** Objects are told apart by their fields, which `sameWireType` does not look at. */
function sameWireTypeWithin(a: AnyType, b: AnyType): boolean {
  const fields = (type: AnyType): string => JSON.stringify(type.literalType.metadata ?? null);
  return sameWireType(a.literalType, b.literalType) && fields(a) === fields(b);
}

/** What a variant made of a value. */
interface Attempt<R> {
  readonly type: AnyType;
  readonly result: R;
}

/** What all variants made of it, and why the others refused it. */
interface Attempts<R> {
  readonly good: readonly Attempt<R>[];
  readonly reasons: string;
}

const namesOf = (attempts: readonly Attempt<unknown>[]): string => attempts.map(({ type }) => type.name).join(" and ");

/** What each variant makes of a value: at once, unless one has to be waited for. */
function attempts<R>(
  variants: readonly AnyType[],
  convert: (variant: AnyType) => Awaitable<R>,
): Awaitable<Attempts<R>> {
  const good: Attempt<R>[] = [];
  const reasons: string[] = [];
  const refused = (type: AnyType, error: unknown): void => {
    if (!FlyteError.is(error) || !refusals.has(error.code)) throw error;
    reasons.push(`${type.name}: ${error.message}`);
  };
  const waiting: Promise<void>[] = [];
  for (const type of variants) {
    try {
      const result = convert(type);
      if (!(result instanceof Promise)) good.push({ type, result });
      else {
        const settled = (value: R): void => {
          good.push({ type, result: value });
        };
        waiting.push(result.then(settled, (error: unknown) => refused(type, error)));
      }
    } catch (error) {
      refused(type, error);
    }
  }
  const done = (): Attempts<R> => ({ good, reasons: reasons.join("; ") });
  return waiting.length === 0 ? done() : Promise.all(waiting).then(done);
}

/** What a variant says to a value that is not its own; anything else (a storage that is away) is an error of the whole. */
const refusals: ReadonlySet<string> = new Set(["InvalidType", "ConversionFailed", "NotFound"]);
