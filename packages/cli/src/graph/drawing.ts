import { Canvas } from "./canvas.ts";
import type { Flow, FlowBox } from "./flow.ts";
import { layersOf, type Slot } from "./layers.ts";

/** Columns between two boxes. */
const gap = 2;

/** Columns that a passing line is given. */
const lineWidth = 5;

interface Placed {
  readonly left: number;
  readonly width: number;
  /** The column where lines come in, and where they leave. */
  port: number;
}

/** A flow as lines of text: boxes in layers, everything below what it needs. */
export function drawFlow(flow: Flow): string[] {
  const layers = layersOf(flow);
  const widths = layers.map((layer) => layer.reduce((sum, slot) => sum + widthOf(slot, flow) + gap, -gap));
  const widest = Math.max(...widths);
  const placed = new Map<Slot, Placed>();
  for (const [at, layer] of layers.entries()) {
    let left = Math.floor((widest - (widths[at] ?? 0)) / 2);
    for (const slot of layer) {
      const width = widthOf(slot, flow);
      placed.set(slot, { left, width, port: left + Math.floor(width / 2) });
      left += width + gap;
    }
    choosePorts(layers[at - 1] ?? [], layer, placed);
  }
  const canvas = new Canvas();
  let row = 0;
  for (const layer of layers) {
    for (const slot of layer) drawSlot(canvas, row, slot, flow, placed.get(slot) as Placed);
    row = drawLines(canvas, row + 3, layer, placed);
  }
  return canvas.lines();
}

const textOf = ({ kind, label }: FlowBox): string =>
  kind === "inputs" || kind === "outputs" ? `${kind}: ${label}` : label;

function widthOf({ box, passing }: Slot, { boxes }: Flow): number {
  return passing ? lineWidth : textOf(boxes[box] as FlowBox).length + 4;
}

/**
 * Where lines come in: straight below where they come from, if that can be, and never below the way out of a box that the
 * line does not come from.
 */
function choosePorts(above: readonly Slot[], layer: readonly Slot[], placed: ReadonlyMap<Slot, Placed>): void {
  for (const slot of layer) {
    const place = placed.get(slot) as Placed;
    const inside = (column: number): boolean => column > place.left && column < place.left + place.width - 1;
    const parents = above.filter(({ next }) => next.includes(slot));
    const strangers = new Set(
      above.filter((one) => one.next.length > 0 && !parents.includes(one)).map((one) => placed.get(one)?.port),
    );
    const straight = parents
      .map((one) => placed.get(one)?.port ?? -1)
      .find((column) => inside(column) && !strangers.has(column));
    const near = Array.from({ length: place.width }, (_, at) => place.port + (at % 2 === 0 ? at / 2 : -(at + 1) / 2));
    place.port = straight ?? near.find((column) => inside(column) && !strangers.has(column)) ?? place.port;
  }
}

function drawSlot(canvas: Canvas, row: number, slot: Slot, { boxes }: Flow, { left, width, port }: Placed): void {
  if (slot.passing) {
    canvas.along(port, row - 1, row + 3);
    return;
  }
  const box = boxes[slot.box] as FlowBox;
  const [corners, line] = box.kind === "task" || box.kind === "workflow" ? ["┌┐└┘", "─"] : ["╭╮╰╯", "─"];
  const [topLeft, topRight, bottomLeft, bottomRight] = [...(corners ?? "")];
  const bar = (line ?? "").repeat(width - 2);
  canvas.text(row, left, `${topLeft}${bar}${topRight}`);
  canvas.text(row + 1, left, `│ ${textOf(box)} │`);
  canvas.text(row + 2, left, `${bottomLeft}${bar}${bottomRight}`);
  if (slot.next.length > 0) canvas.text(row + 2, port, "┬");
}

/**
 * The lines from one layer to the next: each box has a row of its own for the way across. A row for arrows ends them.
 * @returns the row where the next layer begins.
 */
function drawLines(canvas: Canvas, row: number, layer: readonly Slot[], placed: ReadonlyMap<Slot, Placed>): number {
  const portOf = (slot: Slot): number => placed.get(slot)?.port ?? 0;
  const leaving = layer.filter(({ next }) => next.length > 0);
  if (leaving.length === 0) return row;
  const bent = leaving.filter((slot) => slot.next.some((one) => portOf(one) !== portOf(slot)));
  const arrows = row + bent.length;
  const drops = new Map<Slot, number>();
  for (const slot of leaving) {
    const at = bent.indexOf(slot);
    const turn = at < 0 ? arrows : row + at;
    canvas.along(portOf(slot), row - 1, turn);
    for (const one of slot.next) {
      drops.set(one, Math.min(turn, drops.get(one) ?? turn));
      if (at < 0) continue;
      canvas.across(turn, portOf(slot), portOf(one));
      for (const end of [slot, one]) canvas.joint(turn, portOf(end));
    }
  }
  for (const [slot, top] of drops) {
    canvas.along(portOf(slot), top, arrows);
    if (!slot.passing) canvas.text(arrows, portOf(slot), "▼");
  }
  return arrows + 1;
}
