import { parseSync } from "oxc-parser";

/** One import, re-export or `import()` with a constant specifier. */
export interface ModuleImport {
  readonly specifier: string;
  /** `type`: erased when compiled. `dynamic`: loaded when the call is reached. */
  readonly kind: "value" | "type" | "dynamic";
  /** From 1. */
  readonly line: number;
}

/**
 * All imports of one TypeScript file. Specifiers that are computed are not seen.
 * @throws when the text is no TypeScript
 */
export function moduleImports(file: string, text: string): ModuleImport[] {
  const { module, errors } = parseSync(file, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${file}: ${error.message}`);
  const lineAt = (offset: number): number => text.slice(0, offset).split("\n").length;
  const found: ModuleImport[] = [];
  for (const { start, moduleRequest, entries } of module.staticImports) {
    const erased = entries.length > 0 && entries.every(({ isType }) => isType);
    found.push({ specifier: moduleRequest.value, kind: erased ? "type" : "value", line: lineAt(start) });
  }
  for (const { start, entries } of module.staticExports) {
    const [first] = entries;
    const specifier = first?.moduleRequest?.value;
    if (specifier === undefined) continue;
    const erased = entries.every(({ isType }) => isType);
    found.push({ specifier, kind: erased ? "type" : "value", line: lineAt(start) });
  }
  for (const { start, moduleRequest } of module.dynamicImports) {
    const [, specifier] = /^["'`]([^"'`$]+)["'`]$/.exec(text.slice(moduleRequest.start, moduleRequest.end)) ?? [];
    if (specifier !== undefined) found.push({ specifier, kind: "dynamic", line: lineAt(start) });
  }
  return found;
}
