/** How far the log and the segments of each lane have come, for threads that follow the lane. */

/** Each lane has two 64-bit positions. */
const wordsOfLane = 2;

/** Creates the buffer with all positions 0. The main thread calls it. */
export function createLaneProgress(laneCount: number): SharedArrayBuffer {
  return new SharedArrayBuffer(laneCount * wordsOfLane * BigInt64Array.BYTES_PER_ELEMENT);
}

export interface LanePositions {
  /** The position that the next request will get. */
  readonly next: number;
  /** All requests with smaller positions are in segments. */
  readonly archivedBelow: number;
}

/** The positions of one lane. Only that lane writes them. */
export class LaneProgress {
  readonly #positions: BigInt64Array;
  readonly #lane: number;
  #last: LanePositions = { next: -1, archivedBelow: -1 };

  constructor(buffer: SharedArrayBuffer, lane: number) {
    this.#positions = new BigInt64Array(buffer);
    this.#lane = lane;
  }

  /** Skips the stores while the positions stay the same. */
  write(next: number, archivedBelow: number): void {
    if (next === this.#last.next && archivedBelow === this.#last.archivedBelow) return;
    this.#last = { next, archivedBelow };
    const index = this.#lane * wordsOfLane;
    // `next` is stored first, and `read` loads it last. So a thread that sees a request as archived
    // also sees that the request has arrived.
    Atomics.store(this.#positions, index, BigInt(next));
    Atomics.store(this.#positions, index + 1, BigInt(archivedBelow));
  }

  read(): LanePositions {
    const index = this.#lane * wordsOfLane;
    const archivedBelow = Number(Atomics.load(this.#positions, index + 1));
    return { next: Number(Atomics.load(this.#positions, index)), archivedBelow };
  }
}
