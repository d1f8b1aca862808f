import type { Project } from "./project.ts";

/** What a check found. No finding means that it passed. */
export interface Outcome {
  /** What was looked at, for the line of a check that passed: "7 packages, 120 files". */
  readonly summary: string;
  /** One text for each thing that is wrong: where (`file:line` when there is one), what, and what would be right. */
  readonly findings: readonly string[];
}

/** One check of `npm run check`. */
export interface Check {
  /** The name that `npm run check -- <name>` takes. */
  readonly name: string;
  /** Looks at the project; throws only when it could not look. */
  readonly run: (project: Project) => Promise<Outcome>;
}
