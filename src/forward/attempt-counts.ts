/** Counts failed attempts at places of the archive, in bounded memory. */

/** Damaged places add up over years. If there are more, the one that failed first is forgotten. */
const placesMax = 1_000;

export class AttemptCounts {
  /** The place that failed last is the last entry. */
  readonly #counts = new Map<string, number>();

  get placeCount(): number {
    return this.#counts.size;
  }

  /** Adds a failed attempt at the place and returns how many there were. */
  add(place: string): number {
    const count = (this.#counts.get(place) ?? 0) + 1;
    this.#counts.delete(place);
    this.#counts.set(place, count);
    const [first = place] = this.#counts.keys();
    if (this.#counts.size > placesMax) this.#counts.delete(first);
    return count;
  }
}
