import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findBuilder } from "../builder.ts";

let path: string;

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "flyte-ts-builders-"));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

/** Puts a program on the path that notes its arguments in `NAME.log` and then runs `script`. */
function program(name: string, script: string): void {
  writeFileSync(join(path, name), `#!/bin/sh\necho "$@" >> ${join(path, name)}.log\n${script}\n`);
  chmodSync(join(path, name), 0o755);
}

const env = (more: Record<string, string> = {}) => ({ PATH: path, ...more });
const calls = (name: string) =>
  readFileSync(join(path, `${name}.log`), "utf8")
    .trim()
    .split("\n");
const noDaemon = 'echo "Client: 28"; echo "Cannot connect to the daemon" >&2; exit 1';

describe("the builder", () => {
  test("is the first that answers, and a client without a daemon does not", async () => {
    program("docker", noDaemon);
    program("podman", "exit 0");
    program("buildah", "exit 0");
    expect((await findBuilder(env())).name).toBe("podman");
    expect(calls("docker")).toEqual(["info"]);
  });

  test("is the one that the variable names, although an earlier one answers", async () => {
    program("docker", "exit 0");
    program("buildah", "exit 0");
    expect((await findBuilder(env({ FLYTE_TS_BUILDER: "buildah" }))).name).toBe("buildah");
  });

  test("is missed with a list of what was tried, and why each was refused", async () => {
    program("docker", noDaemon);
    program("buildah", "echo 'storage: permission denied' >&2; exit 125");
    await expect(findBuilder(env())).rejects.toThrow(
      [
        "nothing here can build images. Tried:",
        '  docker: "docker info" ends with 1: Cannot connect to the daemon',
        "  podman: not installed",
        '  buildah: "buildah info" ends with 125: storage: permission denied',
      ].join("\n"),
    );
  });

  test("that the variable names is not replaced by another when it does not answer", async () => {
    program("docker", noDaemon);
    program("podman", "exit 0");
    await expect(findBuilder(env({ FLYTE_TS_BUILDER: "docker" }))).rejects.toThrow(
      /^nothing here can build images \(FLYTE_TS_BUILDER asks for docker alone\)\. Tried:\n {2}docker: .*daemon$/,
    );
  });

  test("cannot be one that nobody knows", async () => {
    await expect(findBuilder(env({ FLYTE_TS_BUILDER: "kaniko" }))).rejects.toThrow(
      'FLYTE_TS_BUILDER is "kaniko"; it can be docker, podman, buildah',
    );
  });
});

describe("a build", () => {
  const order = { image: "r/x:1.0.0", dockerfile: "/d/Dockerfile", context: "/c", args: { VERSION: "1.0.0" } };

  test("passes arguments of the Dockerfile, more of them from a variable, and a certificate as a secret", async () => {
    program("buildah", "exit 0");
    const builder = await findBuilder(
      env({ FLYTE_TS_BUILD_ARGS: " --pull-never  --quiet ", NODE_EXTRA_CA_CERTS: "/etc/ca.crt" }),
    );
    await builder.build(order);
    expect(calls("buildah").at(-1)).toBe(
      "build --layers --tag r/x:1.0.0 --file /d/Dockerfile --build-arg VERSION=1.0.0 --secret id=extra-ca,src=/etc/ca.crt --pull-never --quiet /c",
    );
  });

  test("that fails says the command and what the builder said last", async () => {
    program("podman", 'case "$1" in info) exit 0;; esac; echo "STEP 3: no such file"; exit 2');
    const builder = await findBuilder(env());
    await expect(builder.build(order)).rejects.toThrow(/^"podman build .* \/c" ends with 2:\nSTEP 3: no such file$/);
  });
});

describe("a push", () => {
  test.each([
    ["podman", "registry", "push r/x:1.0.0"],
    ["podman", "oci-archive:/a/x.tar", "push r/x:1.0.0 oci-archive:/a/x.tar"],
    ["buildah", "oci-archive:/a/x.tar", "push r/x:1.0.0 oci-archive:/a/x.tar"],
    ["docker", "registry", "push r/x:1.0.0"],
    ["docker", "oci-archive:/a/x.tar", "save --output /a/x.tar r/x:1.0.0"],
  ])("%s to %s", async (name, target, expected) => {
    program(name, "exit 0");
    const builder = await findBuilder(env());
    await builder.push("r/x:1.0.0", target);
    expect(calls(name).at(-1)).toBe(expected);
  });

  test("to anything else is refused", async () => {
    program("podman", "exit 0");
    const builder = await findBuilder(env());
    await expect(builder.push("r/x:1", "docker.io")).rejects.toThrow(
      'cannot push to "docker.io": give registry, or oci-archive:FILE',
    );
  });
});
