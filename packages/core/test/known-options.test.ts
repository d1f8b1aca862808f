import { checkKnown, containerOptionNames, taskOptionNames } from "@flyte-ts/core/plugin";
import { describe, expect, test } from "vitest";

const known = ["workgroup", "catalog", "catalog"];

describe("options", () => {
  test("that are known, or undefined, are fine", () => {
    checkKnown({ workgroup: "x", catalog: undefined, other: undefined }, known);
    checkKnown({}, []);
  });

  test.each<[unknown, string, string]>([
    [{ workGroup: "x" }, "config.", "config.workGroup is no option; did you mean config.workgroup?"],
    [{ x: 1 }, "config.", "config.x is no option; there are workgroup, catalog"],
    [{ retires: 1, workgroup: 2 }, "", "retires is no option; there are workgroup, catalog"],
    [null, "config.", "config is null; it must be an object of options"],
    ["music", "config.", 'config is "music"; it must be an object of options'],
    [[], "", "the options are []; it must be an object of options"],
  ])("%j with the place %j are refused", (given, place, message) => {
    expect(() => checkKnown(given, known, place)).toThrow(message);
  });

  test("of a task in a container are those of every task, and the container's", () => {
    expect(containerOptionNames).toEqual(expect.arrayContaining([...taskOptionNames, "image", "resources"]));
    expect(taskOptionNames).toContain("retries");
    expect(taskOptionNames).not.toContain("image");
  });
});
