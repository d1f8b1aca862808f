/**
 * What the command line knows how to draw, for programs.
 * @module
 */

export { graphMermaid } from "./graph-mermaid.ts";
export { type GraphTextOptions, graphText } from "./graph-text.ts";
