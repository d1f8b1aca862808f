import { isWorkflow, reachable } from "@flyte-ts/core/plugin";
import { flowOf, type WorkflowEntity } from "./graph/flow.ts";
import { type PlacedLabel, svgLabels } from "./graph/svg-labels.ts";
import { boxText, type PlacedBox, type PlacedEdge, svgLayout } from "./graph/svg-layout.ts";

/** Pixels around the drawing, and for the line with a workflow's name. */
const margin = 24;
const title = 36;

/**
 * A workflow's graph as a picture (SVG) that stands alone, light or dark as its reader likes: everything stands below what
 * it needs, a dashed line is an order without a value, and the workflows that are used follow. Pointing at a line shows
 * which output goes to which input.
 */
export function graphSvg(workflow: WorkflowEntity): string {
  const subs = [...reachable(workflow.asNode.parts)].filter(isWorkflow);
  let top = margin;
  let width = 0;
  const parts: string[] = [];
  for (const one of [workflow, ...subs]) {
    const layout = svgLayout(flowOf(one));
    parts.push(
      `<g transform="translate(${margin} ${top})">`,
      `<text class="title" y="16">${escaped(one.name)}</text>`,
      `<g transform="translate(0 ${title})">`,
      ...layout.edges.map(edgeSvg),
      ...svgLabels(layout.edges).map(labelSvg),
      ...layout.boxes.map(boxSvg),
      "</g></g>",
    );
    top += title + layout.height + 2 * margin;
    width = Math.max(width, layout.width, one.name.length * 10);
  }
  const wide = Math.ceil(width + 2 * margin);
  const high = Math.ceil(top - margin);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${wide} ${high}" width="${wide}" height="${high}" role="img">`,
    `<title>${escaped(workflow.name)}</title>`,
    style,
    `<defs><marker id="end" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path class="head" d="M0 0 8 4 0 8z"/></marker></defs>`,
    `<rect class="page" width="100%" height="100%"/>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

const style = `<style>
  text { font: 12px ui-monospace, Menlo, Consolas, monospace; fill: #1c2330 }
  .title { font-weight: bold; font-size: 15px }
  .page { fill: #fff }
  .box { fill: #e8f0fe; stroke: #3b6fd4; stroke-width: 1.2 }
  .workflow { fill: #ede7fb; stroke: #7446c9; stroke-width: 2.4 }
  .branch { fill: #fff3d6; stroke: #b07a00 }
  .gate { fill: #fde5e5; stroke: #c23b3b }
  .inputs, .outputs { fill: #f2f4f7; stroke: #8a94a6 }
  .line { fill: none; stroke: #6b7688; stroke-width: 1.3 }
  .order { stroke-dasharray: 5 4 }
  .head { fill: #6b7688 }
  .label { font-size: 10px; fill: #56606f; stroke: #fff; stroke-width: 3px; paint-order: stroke }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6e9ef } .page { fill: #14181f } .box { fill: #1b2a47 } .workflow { fill: #2b2146 }
    .branch { fill: #3a2e10 } .gate { fill: #421d1d } .inputs, .outputs { fill: #252b36 }
    .line { stroke: #8e99ab } .head { fill: #8e99ab } .label { fill: #a7b0c0; stroke: #14181f }
  }
</style>`;

function boxSvg({ box, x, y, width, height }: PlacedBox): string {
  const round = box.kind === "inputs" || box.kind === "outputs" ? height / 2 : box.kind === "gate" ? 14 : 5;
  const rect = `<rect class="box ${box.kind}" x="${at(x)}" y="${at(y)}" width="${at(width)}" height="${height}" rx="${round}"/>`;
  const text = `<text x="${at(x + width / 2)}" y="${at(y + height / 2 + 4)}" text-anchor="middle">${escaped(boxText(box))}</text>`;
  return rect + text;
}

function edgeSvg({ edge, points }: PlacedEdge): string {
  const [start, ...rest] = points;
  if (start === undefined) return "";
  let before = start;
  let path = `M${at(start.x)} ${at(start.y)}`;
  for (const point of rest) {
    const bend = (before.y + point.y) / 2;
    path += ` C${at(before.x)} ${at(bend)} ${at(point.x)} ${at(bend)} ${at(point.x)} ${at(point.y)}`;
    before = point;
  }
  const order = edge.uses.length === 0 ? " order" : "";
  const about = edge.uses.length === 0 ? "" : `<title>${escaped(edge.uses.join(", "))}</title>`;
  return `<path class="line${order}" d="${path}" marker-end="url(#end)">${about}</path>`;
}

const labelSvg = ({ x, y, text }: PlacedLabel): string =>
  `<text class="label" x="${at(x)}" y="${at(y)}" text-anchor="middle">${escaped(text)}</text>`;

const at = (pixels: number): string => `${Math.round(pixels * 10) / 10}`;

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escaped = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML has no place for them
  text.replace(/[\u0000-\u001f]/g, " ").replace(/[&<>"]/g, (one) => entities[one] ?? one);
