import type { ConversionContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { scalarLiteral, scalarOf } from "../wire/literals.ts";
import { type Literal, LiteralType } from "../wire/messages.ts";
import { after } from "./collections.ts";
import { type Plain, shown } from "./plain.ts";
import { type AnyType, type Awaitable, type JsonSchema, TypeTransformer } from "./type-transformer.ts";
import { literalFits, plainFits, sameWireType } from "./wire-fit.ts";

/** A literal type with the tag of a union's variant; flytekit drops whatever else stood in `structure`. */
export function tagged(type: AnyType): LiteralType {
  return {
    ...type.literalType,
    structure: { $typeName: "flyteidl.core.TypeStructure", tag: type.name, dataclassType: {} },
  };
}

/** A literal wrapped as the value of a union's variant. */
export function unionLiteral(value: Literal, type: AnyType): Literal {
  return scalarLiteral({ case: "union", value: { $typeName: "flyteidl.core.Union", value, type: tagged(type) } });
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
    this.literalType = LiteralType.create({ type: { case: "unionType", value: { variants: variants.map(tagged) } } });
  }

  async toLiteral(value: Accepted, context: ConversionContext): Promise<Literal> {
    const { type, result } = await this.chosen(value, (variant) => variant.toLiteral(value, context));
    return unionLiteral(result, type);
  }
  async toPlain(value: Accepted, context: ConversionContext): Promise<Plain> {
    return (await this.chosen(value, (variant) => variant.toPlain(value, context))).result;
  }
  fromPlain(value: Plain, context: ConversionContext): Awaitable<Native> {
    // Nothing in the value names the variant; the first that it fits is what flytekit takes, too.
    const variant = this.variants.find(({ literalType }) => plainFits(value, literalType));
    if (variant === undefined) throw this.mismatchedPlain(value);
    return variant.fromPlain(value, context) as Awaitable<Native>;
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
    const same = named.filter(({ literalType }) => type !== undefined && sameWireType(literalType, type));
    return this.decoded(same.length === 0 ? named : same, value, context);
  }
  protected fromLiteral(literal: Literal, context: ConversionContext): Awaitable<Native> {
    // A node's output that is no union stands here as it is.
    const fitting = this.variants.filter(({ literalType }) => literalFits(literal, literalType));
    return this.decoded(fitting.length === 0 ? this.variants : fitting, literal, context);
  }
  protected async decodedByOne(
    variants: readonly AnyType[],
    literal: Literal,
    context: ConversionContext,
  ): Promise<Native> {
    const read = await attempts(variants, (variant) => variant.toNative(literal, context));
    const [only] = read.good;
    if (only !== undefined && read.good.length === 1) return only.result as Native;
    if (only === undefined) throw new FlyteError("ConversionFailed", `no variant reads the value: ${read.reasons}`);
    const names = read.good.map(({ type }) => type.name).join(" and ");
    throw new FlyteError("ConversionFailed", `the value of a union is ambiguous: ${names} read it`);
  }
  protected decoded(variants: readonly AnyType[], literal: Literal, context: ConversionContext): Awaitable<Native> {
    const [only] = variants;
    return variants.length === 1 && only !== undefined
      ? (only.toNative(literal, context) as Awaitable<Native>)
      : this.decodedByOne(variants, literal, context);
  }
  /** The one variant that takes the value, and what it makes of it. */
  protected async chosen<R>(
    value: Accepted,
    convert: (variant: AnyType) => Awaitable<R>,
  ): Promise<{ readonly type: AnyType; readonly result: R }> {
    const native = await attempts(
      this.variants.filter((variant) => !variant.isForeign(value)),
      convert,
    );
    const { good, reasons } =
      native.good.length > 0
        ? native
        : await attempts(
            this.variants.filter((variant) => variant.isForeign(value)),
            convert,
          ).then((foreign) => ({ ...foreign, reasons: [native.reasons, foreign.reasons].filter(Boolean).join("; ") }));
    const [only] = good;
    if (only !== undefined && good.length === 1) return only;
    if (only === undefined) {
      throw new FlyteError("InvalidType", `expected one of ${this.variantNames()}, got ${shown(value)} (${reasons})`);
    }
    const names = good.map(({ type }) => type.name).join(" and ");
    throw new FlyteError("InvalidType", `${shown(value)} is ambiguous in a union: ${names} both take it`);
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

/** What each variant makes of a value, one after another; reasons are those of the ones that refuse it. */
async function attempts<R>(
  variants: readonly AnyType[],
  convert: (variant: AnyType) => Awaitable<R>,
): Promise<{ readonly good: readonly { readonly type: AnyType; readonly result: R }[]; readonly reasons: string }> {
  const good: { readonly type: AnyType; readonly result: R }[] = [];
  const reasons: string[] = [];
  for (const type of variants) {
    try {
      good.push({ type, result: await convert(type) });
    } catch (error) {
      if (!FlyteError.is(error) || !refusals.has(error.code)) throw error;
      reasons.push(`${type.name}: ${error.message}`);
    }
  }
  return { good, reasons: reasons.join("; ") };
}

/** What a variant says to a value that is not its own; anything else (a storage that is away) is an error of the whole. */
const refusals: ReadonlySet<string> = new Set(["InvalidType", "ConversionFailed", "NotFound"]);

/** Applies the item's conversion and wraps its literal, unless it is a union's already. */
export function wrapped(literal: Awaitable<Literal>, item: AnyType): Awaitable<Literal> {
  return after(literal, (value) => (scalarOf(value)?.case === "union" ? value : unionLiteral(value, item)));
}
