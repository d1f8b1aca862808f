/** What stands in a `TimerHeap`. */
export interface Timed {
  /** When it is due. Changed only through `TimerHeap.set`. */
  due: number;
  /** Its place in the heap, which the heap keeps; -1 outside. */
  place: number;
}

/** Things by the time at which they are due, the next one first; each step takes the logarithm of their number. */
export class TimerHeap<T extends Timed> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** What is due next. */
  get next(): T | undefined {
    return this.#items[0];
  }

  /** Puts something in, or moves it. */
  set(item: T, due: number): void {
    item.due = due;
    if (item.place === -1) {
      item.place = this.#items.length;
      this.#items.push(item);
    }
    this.#sink(this.#rise(item.place));
  }

  /** Takes something out; what is not in stays out. */
  remove(item: T): void {
    const { place } = item;
    if (place === -1) return;
    const last = this.#items.pop();
    item.place = -1;
    if (last === undefined || last === item) return;
    this.#put(last, place);
    this.#sink(this.#rise(place));
  }

  #put(item: T, place: number): void {
    this.#items[place] = item;
    item.place = place;
  }

  #rise(from: number): number {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!this.#swapped(above, place)) break;
      place = above;
    }
    return place;
  }

  #sink(from: number): void {
    let place = from;
    for (;;) {
      const left = 2 * place + 1;
      const right = left + 1;
      const below = (this.#items[right]?.due ?? Infinity) < (this.#items[left]?.due ?? Infinity) ? right : left;
      if (!this.#swapped(place, below)) return;
      place = below;
    }
  }

  /** Swaps two where the lower one is due earlier. */
  #swapped(above: number, below: number): boolean {
    const upper = this.#items[above];
    const lower = this.#items[below];
    if (upper === undefined || lower === undefined || upper.due <= lower.due) return false;
    this.#put(lower, above);
    this.#put(upper, below);
    return true;
  }
}
