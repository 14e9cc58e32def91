/** How far each lane has come: the position of its next request, for those who follow it. */

/** One 64-bit position for each lane; made by the main thread, all 0. */
export function createLaneProgress(laneCount: number): SharedArrayBuffer {
  return new SharedArrayBuffer(laneCount * BigInt64Array.BYTES_PER_ELEMENT);
}

/** Of one lane, which alone writes its place. */
export class LaneProgress {
  readonly #positions: BigInt64Array;
  readonly #lane: number;
  #last = -1;

  constructor(buffer: SharedArrayBuffer, lane: number) {
    this.#positions = new BigInt64Array(buffer);
    this.#lane = lane;
  }

  /** Costs nothing while the position stays the same. */
  write(nextPosition: number): void {
    if (nextPosition === this.#last) return;
    this.#last = nextPosition;
    Atomics.store(this.#positions, this.#lane, BigInt(nextPosition));
  }

  read(): number {
    return Number(Atomics.load(this.#positions, this.#lane));
  }
}
