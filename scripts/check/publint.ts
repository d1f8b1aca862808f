import { readFileSync } from "node:fs";
import { publint as lint } from "publint";
import { formatMessage } from "publint/utils";
import type { Check } from "./check.ts";
import { pack } from "./tarballs.ts";

/** The packed tarballs keep what their package.json promises: files, formats, fields. */
export const publint: Check = {
  name: "publint",
  async run(project) {
    const tarballs = await pack(project);
    const findings: string[] = [];
    for (const { workspace, path } of tarballs) {
      const bytes = readFileSync(path);
      const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
      const { messages, pkg } = await lint({ pack: { tarball }, strict: true });
      for (const message of messages) {
        findings.push(`${workspace.folder}: ${formatMessage(message, pkg, { color: false }) ?? message.code}`);
      }
    }
    return { summary: `${tarballs.length} tarballs`, findings };
  },
};
