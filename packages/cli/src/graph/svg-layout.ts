import type { Flow, FlowBox, FlowEdge } from "./flow.ts";
import { layersOf, type Slot } from "./layers.ts";

/** A place in pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A box with its place; `y` is its upper edge, `x` its left one. */
export interface PlacedBox extends Point {
  readonly box: FlowBox;
  readonly width: number;
  readonly height: number;
}

/** A line from the lower edge of a box to the upper edge of another, in pairs of points between which it bends. */
export interface PlacedEdge {
  readonly edge: FlowEdge;
  readonly points: readonly Point[];
}

/** A flow with a place for everything. */
export interface SvgLayout {
  readonly boxes: readonly PlacedBox[];
  readonly edges: readonly PlacedEdge[];
  readonly width: number;
  readonly height: number;
}

/** Pixels. */
const size = { box: 40, passing: 24, across: 36, down: 76, letter: 7.4, inside: 28, least: 96 } as const;

interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
}

/** The text in a box. */
export const boxText = ({ kind, label }: FlowBox): string =>
  kind === "inputs" || kind === "outputs" ? `${kind}: ${label}` : label;

/** Lays a flow out in layers, everything below what it needs, each layer in the middle. */
export function svgLayout(flow: Flow): SvgLayout {
  const layers = layersOf(flow);
  const widthOf = ({ box, passing }: Slot): number =>
    passing
      ? size.passing
      : Math.max(size.least, Math.ceil(boxText(flow.boxes[box] as FlowBox).length * size.letter) + size.inside);
  const widths = layers.map((layer) => layer.reduce((sum, slot) => sum + widthOf(slot) + size.across, -size.across));
  const width = Math.max(0, ...widths);
  const places = new Map<Slot, Place>();
  for (const [at, layer] of layers.entries()) {
    let left = (width - (widths[at] ?? 0)) / 2;
    for (const slot of layer) {
      places.set(slot, { left, top: at * (size.box + size.down), width: widthOf(slot) });
      left += widthOf(slot) + size.across;
    }
  }
  const placed = (slot: Slot): Place => places.get(slot) as Place;
  const slots = layers.flat().filter(({ passing }) => !passing);
  const boxes = slots.map((slot) => {
    const { left, top, width: wide } = placed(slot);
    return { box: flow.boxes[slot.box] as FlowBox, x: left, y: top, width: wide, height: size.box };
  });
  const ways = slots.flatMap((slot) => waysFrom(slot, []));
  const edges = ways.flatMap((way) => {
    const [from, to] = [way[0] as Slot, way.at(-1) as Slot];
    const edge = flow.edges.find((one) => one.from === from.box && one.to === to.box);
    return edge === undefined ? [] : [{ edge, points: pointsOf(way, arrivals(ways, to, placed), placed) }];
  });
  return { boxes, edges, width, height: layers.length * (size.box + size.down) - size.down };
}

/** All lines that leave a box, each with the places that it passes. */
function waysFrom(slot: Slot, before: readonly Slot[]): Slot[][] {
  const way = [...before, slot];
  if (before.length > 0 && !slot.passing) return [way];
  return slot.next.flatMap((next) => waysFrom(next, way));
}

/** The lines that end at a box, from left to right as they come. */
function arrivals(ways: readonly Slot[][], to: Slot, placed: (slot: Slot) => Place): Slot[] {
  return ways
    .filter((way) => way.at(-1) === to)
    .map((way) => way.at(-2) as Slot)
    .sort((a, b) => placed(a).left - placed(b).left);
}

function pointsOf(way: readonly Slot[], arriving: readonly Slot[], placed: (slot: Slot) => Place): Point[] {
  const middle = (slot: Slot): number => placed(slot).left + placed(slot).width / 2;
  return way.flatMap((slot, at): Point[] => {
    const { left, top, width } = placed(slot);
    if (at === 0) return [{ x: middle(slot), y: top + size.box }];
    if (at < way.length - 1) {
      return [
        { x: middle(slot), y: top },
        { x: middle(slot), y: top + size.box },
      ];
    }
    const place = arriving.indexOf(way[at - 1] as Slot) + 1;
    return [{ x: left + (width * place) / (arriving.length + 1), y: top }];
  });
}
