/**
 * What the command line knows how to draw, for programs.
 * @module
 */

export { entityText } from "./entity-text.ts";
export { graphMermaid } from "./graph-mermaid.ts";
export { graphSvg } from "./graph-svg.ts";
export { type GraphTextOptions, graphText } from "./graph-text.ts";
