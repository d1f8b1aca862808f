/** A host (`hooks.internal`) or all below a domain (`*.corp.example`). */
const pattern = /^(?:\*\.)?[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/;

/** True for a text that is a host or a domain with `*.` before it. */
export const isHostPattern = (text: string): boolean => pattern.test(text);

/** Whether a host is the one that a pattern names, or below its domain. */
export function matchesHost(hostPattern: string, hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, "");
  const wanted = hostPattern.toLowerCase();
  return wanted.startsWith("*.") ? host.endsWith(wanted.slice(1)) : host === wanted;
}

/** The entries of a variable: commas or white space stand between them. */
export const entriesOf = (variable: string | undefined): readonly string[] =>
  (variable ?? "").split(/[\s,]+/).filter((entry) => entry !== "");
