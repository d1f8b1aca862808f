/**
 * Which output fits which input, against flyteadmin's own answers. `fixtures/castable.json` holds types (as proto JSON) and,
 * for each as the output, a row with 1 for every type that takes it. It was recorded from `AreTypesCastable` of
 * flytepropeller v1.16.8 (pkg/compiler/validators/typing.go), called by a Go program for every pair.
 */
import { readFileSync } from "node:fs";
import { LiteralType } from "@flyte-ts/core/plugin";
import { expect, test } from "vitest";
import { isCastable } from "../src/types/castable.ts";

interface Recorded {
  readonly types: readonly Parameters<typeof LiteralType.fromJson>[0][];
  readonly castable: readonly string[];
}
const { types, castable } = JSON.parse(
  readFileSync(new URL("fixtures/castable.json", import.meta.url), "utf8"),
) as Recorded;
const messages = types.map((type) => LiteralType.fromJson(type));

/** Every pair on which the two disagree. */
function disagreements(theirs: "0" | "1"): string[] {
  return messages.flatMap((from, row) =>
    messages.flatMap((to, column) => {
      if (castable[row]?.[column] !== theirs || isCastable(from, to) === (theirs === "1")) return [];
      return [`${JSON.stringify(types[row])} => ${JSON.stringify(types[column])}`];
    }),
  );
}

test("nothing is refused that the platform takes", () => {
  expect(disagreements("1")).toEqual([]);
});

test("nothing is taken that the platform refuses, but where its JSON Schema library stumbles", () => {
  // it knows no format "base64", and compares the objects inside an anyOf only when they are equal
  const stumbles = disagreements("0").filter((pair) => !/base64|anyOf/.test(pair));
  expect(stumbles).toEqual([]);
});
