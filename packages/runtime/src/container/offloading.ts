import { createHash } from "node:crypto";
import {
  FlyteError,
  joinUri,
  Literal,
  LiteralMap,
  type LiteralType,
  type StorageRegistry,
} from "@flyte-ts/core/plugin";
import type { OffloadingLimits } from "./environment.ts";

/** How many offloaded literals are read at once. */
const concurrency = 8;

/** How many offloaded literals may point to one another. */
const maxHops = 8;

/**
 * The same literals with every offloaded one, wherever it stands, in the place where it belongs. Literals without any
 * come back as they are.
 * @throws FlyteError what the storage throws; `ConversionFailed` when an object is no literal.
 */
export async function dereferenced(
  map: LiteralMap,
  storage: StorageRegistry,
  signal: AbortSignal,
): Promise<LiteralMap> {
  const places: { readonly literal: Literal; readonly hops: number }[] = [];
  const visit = (literal: Literal, hops: number): void => {
    const { value } = literal;
    if (value.case === "offloadedMetadata") places.push({ literal, hops });
    else if (value.case === "collection") for (const one of value.value.literals) visit(one, hops);
    else if (value.case === "map") for (const one of Object.values(value.value.literals)) visit(one, hops);
    else if (value.case === "scalar" && value.value.value.case === "union") {
      if (value.value.value.value.value !== undefined) visit(value.value.value.value.value, hops);
    }
  };
  const fill = async ({ literal, hops }: { readonly literal: Literal; readonly hops: number }): Promise<void> => {
    if (literal.value.case !== "offloadedMetadata") return;
    const { uri } = literal.value.value;
    if (hops >= maxHops)
      throw new FlyteError("ConversionFailed", `the offloaded literal ${uri} leads to ever more of them`);
    const read = await storage.readBytes(uri, { signal });
    let found: Literal;
    try {
      found = Literal.decode(read);
    } catch (cause) {
      throw new FlyteError(
        "ConversionFailed",
        `the offloaded literal ${uri} cannot be read: ${(cause as Error).message}`,
        { cause },
      );
    }
    literal.value = found.value;
    if (literal.hash === "") literal.hash = found.hash;
    visit(literal, hops + 1);
  };
  for (const literal of Object.values(map.literals)) visit(literal, 0);
  // The list grows while offloaded literals turn out to hold more of them.
  for (let done = 0; done < places.length; ) {
    const batch = places.slice(done, done + concurrency);
    done += batch.length;
    await Promise.all(batch.map(fill));
  }
  return map;
}

/** Where outputs go, and what is known of them. */
export interface OffloadOptions {
  readonly limits: OffloadingLimits;
  readonly storage: StorageRegistry;
  readonly outputPrefix: string;
  readonly types: Readonly<Record<string, LiteralType>>;
}

/**
 * The same outputs with every large one written beside `outputs.pb` and replaced by where it is.
 * @throws FlyteError `TooLarge` (system, recoverable, as flytekit has it) for an output above the upper limit.
 */
export async function offloaded(outputs: LiteralMap, options: OffloadOptions): Promise<LiteralMap> {
  const { limits, storage, outputPrefix, types } = options;
  const literals: Record<string, Literal> = {};
  for (const [name, literal] of Object.entries(outputs.literals)) {
    const bytes = Literal.encode(literal);
    if (bytes.length >= limits.max) {
      throw new FlyteError(
        "TooLarge",
        `the output "${name}" has ${bytes.length} bytes as a literal, where fewer than ${limits.max} are allowed: return a file or a dataset`,
        { kind: "system", recoverable: true },
      );
    }
    if (bytes.length < limits.min) {
      literals[name] = literal;
      continue;
    }
    const uri = joinUri(outputPrefix, `${name}_offloaded_metadata.pb`);
    await storage.write(uri, bytes);
    const inferredType = types[name];
    literals[name] = Literal.create({
      value: {
        case: "offloadedMetadata",
        value: { uri, sizeBytes: BigInt(bytes.length), ...(inferredType === undefined ? {} : { inferredType }) },
      },
      hash: literal.hash === "" ? hashOf(literal) : literal.hash,
    });
  }
  return LiteralMap.create({ literals });
}

/** As flytekit does it (flytekit/utils/pbhash.py): SHA-256 of compact JSON with sorted keys, in base64. */
function hashOf(literal: Literal): string {
  const json = JSON.stringify(sorted(Literal.toJson(literal)));
  const ascii = json.replace(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return createHash("sha256").update(ascii).digest("base64");
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}
