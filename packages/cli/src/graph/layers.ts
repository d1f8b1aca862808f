import type { Flow } from "./flow.ts";

/** A place in a layer: a box, or a line that passes by on its way to a later layer. */
export interface Slot {
  /** The box's place in the flow; for a line, that of the box where it begins. */
  readonly box: number;
  readonly passing: boolean;
  /** Places in the next layer that a line leads to. */
  readonly next: Slot[];
}

/**
 * The layers of a flow: every box below all that it needs, lines between neighbouring layers only. Lines from one box run
 * together as long as they can.
 */
export function layersOf({ boxes, edges }: Flow): Slot[][] {
  const depth = depths(boxes.length, edges);
  const layers: Slot[][] = Array.from({ length: Math.max(0, ...depth) + 1 }, () => []);
  const slots = boxes.map((_box, box): Slot => ({ box, passing: false, next: [] }));
  for (const [box, slot] of slots.entries()) layers[depth[box] ?? 0]?.push(slot);
  const lines = new Map<string, Slot>();
  for (const { from, to } of [...edges].sort((a, b) => a.from - b.from || a.to - b.to)) {
    let at = slots[from] as Slot;
    for (let layer = (depth[from] ?? 0) + 1; layer < (depth[to] ?? 0); layer += 1) {
      const key = `${from} ${layer}`;
      let line = lines.get(key);
      if (line === undefined) {
        line = { box: from, passing: true, next: [] };
        lines.set(key, line);
        layers[layer]?.push(line);
        at.next.push(line);
      }
      at = line;
    }
    at.next.push(slots[to] as Slot);
  }
  const ordered: Slot[][] = [];
  for (const layer of layers) ordered.push(sortedBelow(layer, ordered.at(-1)));
  return ordered;
}

/** For every box, how many stand above it on the longest way. */
function depths(count: number, edges: Flow["edges"]): number[] {
  const depth = Array.from({ length: count }, () => 0);
  // Boxes stand in an order in which each one's needs come first, but for what `runsBefore` put after it.
  for (let round = 0; round < count; round += 1) {
    let changed = false;
    for (const { from, to } of edges) {
      const least = (depth[from] ?? 0) + 1;
      if ((depth[to] ?? 0) >= least) continue;
      depth[to] = least;
      changed = true;
    }
    if (!changed) break;
  }
  return depth;
}

/** A layer in the order of what stands above it, so that few lines cross. */
function sortedBelow(layer: readonly Slot[], above: readonly Slot[] | undefined): Slot[] {
  if (above === undefined) return [...layer];
  const middle = (slot: Slot): number => {
    const places = above.flatMap(({ next }, at) => (next.includes(slot) ? [at] : []));
    return places.reduce((sum, at) => sum + at, 0) / Math.max(1, places.length);
  };
  return [...layer].sort((a, b) => middle(a) - middle(b));
}
