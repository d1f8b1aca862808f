import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Metafile } from "esbuild";

interface ThirdPartyManifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/**
 * The notices that go with the code of others in a bundle: each package's name, version and licence, and each licence
 * text once. Empty where there is no such code.
 * @param metafile what esbuild says of the bundle; its paths are relative to `folder`.
 */
export function thirdPartyLicenses(metafile: Metafile, folder: string): string {
  const used = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
  const roots = new Set(used.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
  const packages = new Map<string, string>();
  for (const root of roots) {
    const place = resolve(folder, root);
    const { name, version, license } = JSON.parse(
      readFileSync(join(place, "package.json"), "utf8"),
    ) as ThirdPartyManifest;
    packages.set(`${name} ${version} (${license ?? "see below"})`, licenseText(place));
  }
  const texts = Map.groupBy([...packages.keys()].sort(), (title) => packages.get(title) ?? "");
  return [...texts].map(([text, titles]) => `${titles.join("\n")}\n\n${text}`).join(`\n${"-".repeat(80)}\n\n`);
}

function licenseText(place: string): string {
  const files = readdirSync(place).filter((name) => /^(licen[cs]e|notice)/i.test(name));
  return files.map((name) => `${readFileSync(join(place, name), "utf8").trim()}\n`).join("\n");
}
