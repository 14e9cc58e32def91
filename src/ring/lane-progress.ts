/** How far each lane has come with its log and its segments, for those who follow it. */

/** For each lane two 64-bit positions. */
const wordsOfLane = 2;

/** Made by the main thread, all 0. */
export function createLaneProgress(laneCount: number): SharedArrayBuffer {
  return new SharedArrayBuffer(laneCount * wordsOfLane * BigInt64Array.BYTES_PER_ELEMENT);
}

export interface LanePositions {
  /** Of the next request. */
  readonly next: number;
  /** All requests below are in segments. */
  readonly archivedBelow: number;
}

/** Of one lane, which alone writes its places. */
export class LaneProgress {
  readonly #positions: BigInt64Array;
  readonly #lane: number;
  #last: LanePositions = { next: -1, archivedBelow: -1 };

  constructor(buffer: SharedArrayBuffer, lane: number) {
    this.#positions = new BigInt64Array(buffer);
    this.#lane = lane;
  }

  /** Costs nothing while the positions stay the same. */
  write(next: number, archivedBelow: number): void {
    if (next === this.#last.next && archivedBelow === this.#last.archivedBelow) return;
    this.#last = { next, archivedBelow };
    const index = this.#lane * wordsOfLane;
    // Who sees that something is archived sees that it has come.
    Atomics.store(this.#positions, index, BigInt(next));
    Atomics.store(this.#positions, index + 1, BigInt(archivedBelow));
  }

  read(): LanePositions {
    const index = this.#lane * wordsOfLane;
    const archivedBelow = Number(Atomics.load(this.#positions, index + 1));
    return { next: Number(Atomics.load(this.#positions, index)), archivedBelow };
  }
}
