import type { PlacedEdge, Point } from "./svg-layout.ts";

/** A label beside a line; its middle. */
export interface PlacedLabel extends Point {
  readonly text: string;
}

/** The most letters of a label; pointing at the line shows the rest. */
const most = 28;

/** Pixels: of a letter, and of a line of text. */
const letter = 6.2;
const line = 13;

/** Where on the last piece of its line a label may stand, what is best first. */
const shares = [0.62, 0.4, 0.8, 0.25] as const;

/** The labels of lines, none upon another; one that finds no place is left out. */
export function svgLabels(edges: readonly PlacedEdge[]): PlacedLabel[] {
  const labels: PlacedLabel[] = [];
  for (const { edge, points } of edges) {
    const all = edge.uses.join(", ");
    const [from, to] = points.slice(-2);
    if (all === "" || from === undefined || to === undefined) continue;
    const text = all.length > most ? `${all.slice(0, most - 1)}…` : all;
    const places = shares.map((share) => ({ ...onCurve(from, to, share), text }));
    const free = places.find((place) => !labels.some((other) => collide(place, other)));
    if (free !== undefined) labels.push(free);
  }
  return labels;
}

function collide(a: PlacedLabel, b: PlacedLabel): boolean {
  const apart = ((a.text.length + b.text.length) * letter) / 2 + 4;
  return Math.abs(a.x - b.x) < apart && Math.abs(a.y - b.y) < line;
}

/** The place at a share of the curve that leaves and arrives upright. */
function onCurve(from: Point, to: Point, share: number): Point {
  const rest = 1 - share;
  const bend = (from.y + to.y) / 2;
  return {
    x: from.x + (to.x - from.x) * (3 * share ** 2 - 2 * share ** 3),
    y: rest ** 3 * from.y + 3 * rest * share * bend + share ** 3 * to.y,
  };
}
