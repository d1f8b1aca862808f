import { availableParallelism } from "node:os";
import { FlyteError } from "../errors/flyte-error.ts";
import type { MapOptions } from "../task/map-options.ts";
import type { Types } from "../types/type-transformer.ts";
import { kindOf, listLiteral, noneLiteral } from "../wire/literals.ts";
import { type Literal, LiteralMap } from "../wire/messages.ts";
import { withPlace } from "./with-place.ts";

/** What is known of a map task. */
export interface Mapping {
  readonly name: string;
  readonly inputs: Types;
  readonly outputs: Types;
  readonly mapping: MapOptions;
}

/**
 * The inputs of one element: an item of every list, and the bound inputs as they are.
 * @throws FlyteError `ConversionFailed` that names the input.
 */
export function elementInputs(inputs: LiteralMap, bound: readonly string[], index: number): LiteralMap {
  const entries = Object.entries(inputs.literals).map(([name, literal]) => {
    if (bound.includes(name)) return [name, literal] as const;
    const items = itemsOf(name, literal);
    const item = items[index];
    if (item !== undefined) return [name, item] as const;
    throw new FlyteError("ConversionFailed", `input ${name}: there is no element ${index}, only ${items.length}`);
  });
  return LiteralMap.create({ literals: Object.fromEntries(entries) });
}

function itemsOf(name: string, { value, ...rest }: Literal): readonly Literal[] {
  if (value.case === "collection") return value.value.literals;
  const kind = kindOf({ value, ...rest });
  throw new FlyteError("ConversionFailed", `input ${name}: a map task needs a list, and this literal holds ${kind}`);
}

/**
 * Runs all elements of a map task here, as propeller's array node runs them (nodes/array/handler.go): so many at once, so
 * many may fail, and the output of an element that failed is none.
 * @throws FlyteError of the first element that was one too many, with its number in the message.
 */
export async function mapElements(
  { name, inputs, outputs, mapping }: Mapping,
  literals: LiteralMap,
  signal: AbortSignal,
  run: (element: LiteralMap, index: number) => Promise<LiteralMap>,
): Promise<LiteralMap> {
  const { bound = [], concurrency, runAllSubNodes = false } = mapping;
  const size = sizeOf(name, inputs, bound, literals);
  const needed = neededOf(mapping, size);
  const done: (LiteralMap | undefined)[] = Array.from({ length: size });
  let failed = 0;
  let next = 0;
  // A thrown thing may be undefined, so it is kept in a list.
  const failure: FlyteError[] = size < needed ? [tooFew(name, size, needed)] : [];
  const worker = async (): Promise<void> => {
    while (next < size && (failure.length === 0 || runAllSubNodes)) {
      const index = next;
      next += 1;
      signal.throwIfAborted();
      try {
        done[index] = await run(elementInputs(literals, bound, index), index);
      } catch (error) {
        signal.throwIfAborted();
        failed += 1;
        if (size - failed < needed) failure.push(withPlace(FlyteError.from(error), `element ${index}`));
      }
    }
  };
  const atOnce = concurrency === 0 ? size : Math.min(concurrency ?? availableParallelism(), size);
  await Promise.all(Array.from({ length: atOnce }, worker));
  const [first] = failure;
  if (first !== undefined) throw first;
  const lists = Object.keys(outputs).map((output) => {
    return [output, listLiteral(done.map((element) => element?.literals[output] ?? noneLiteral()))] as const;
  });
  return LiteralMap.create({ literals: Object.fromEntries(lists) });
}

/** How many elements must succeed; the ratio is a 32-bit float on the wire, and its product is rounded up. */
function neededOf({ minSuccesses, minSuccessRatio = 1 }: MapOptions, size: number): number {
  return minSuccesses ?? Math.ceil(Math.fround(minSuccessRatio) * size);
}

function sizeOf(name: string, inputs: Types, bound: readonly string[], { literals }: LiteralMap): number {
  const lists = Object.keys(inputs).filter((input) => !bound.includes(input));
  const sizes = lists.map((input) => {
    const literal = literals[input];
    if (literal !== undefined) return [input, itemsOf(input, literal).length] as const;
    throw new FlyteError("ConversionFailed", `input ${input}: there is no value`);
  });
  const [[first, size] = ["", 0], ...others] = sizes;
  const other = others.find(([, length]) => length !== size);
  if (other === undefined) return size;
  throw new FlyteError(
    "InvalidInput",
    `${name}: its lists must be of one length, but "${first}" has ${size} and "${other[0]}" ${other[1]}`,
  );
}

const tooFew = (name: string, size: number, needed: number): FlyteError =>
  new FlyteError("InvalidInput", `${name}: ${needed} elements must succeed, and there are ${size}`);
