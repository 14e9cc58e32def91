/**
 * The progress of a destination: for each lane and signal the position through which requests were
 * read, and the positions up to it whose requests have no final answer yet. All other requests up
 * to it are finished. docs/format/cursor.md describes the format.
 *
 *     {"version":1,"places":[{"lane":0,"signal":"traces","through":81,"pending":[77,80]}]}
 */
import { invariant } from '../shared/invariant.ts';
import { type Signal, signals } from '../shared/signal.ts';

const version = 1;

interface Place {
  through: number;
  /** Positions of requests without a final answer. */
  readonly pending: Set<number>;
  /** The pending positions that an earlier run began and this run has not begun again. */
  readonly inherited: Set<number>;
}

/** The cursor of one lane. Each signal has its own place, from the moment it is added. */
export class Cursor {
  readonly #lane: number;
  readonly #places: Map<Signal, Place>;

  constructor(lane: number) {
    this.#lane = lane;
    this.#places = new Map();
  }

  /** Returns undefined for every text that `toText` cannot have returned. */
  static fromText(lane: number, text: string): Cursor | undefined {
    try {
      const json: CursorJson = JSON.parse(text);
      const cursor = new Cursor(lane);
      for (const { signal, through, pending } of json.places) {
        if (![through, ...pending].every(Number.isSafeInteger)) return undefined;
        const place = { through, pending: new Set(pending), inherited: new Set(pending) };
        cursor.#places.set(signal, place);
      }
      return cursor.toText() === text ? cursor : undefined;
    } catch {
      return undefined;
    }
  }

  toText(): string {
    const places = signals.flatMap((signal) => {
      const place = this.#places.get(signal);
      if (place === undefined) return [];
      const pending = [...place.pending].sort((a, b) => a - b);
      return [{ lane: this.#lane, signal, through: place.through, pending }];
    });
    return `${JSON.stringify({ version, places } satisfies CursorJson)}\n`;
  }

  /** Adds the signals that have no place yet; they start after the position `through`. */
  addSignals(added: readonly Signal[], through: number): void {
    for (const signal of added) {
      if (this.#places.has(signal)) continue;
      this.#places.set(signal, { through, pending: new Set(), inherited: new Set() });
    }
  }

  /**
   * Removes positions from `nextPosition` on, which new requests will get. A loss of power may have
   * removed requests from the log that had already been sent.
   */
  truncate(nextPosition: number): void {
    for (const place of this.#places.values()) {
      place.through = Math.min(place.through, nextPosition - 1);
      for (const set of [place.pending, place.inherited]) {
        for (const position of set) if (position >= nextPosition) set.delete(position);
      }
    }
  }

  /** Returns the lowest position that still has to be read for any of the signals. */
  nextPosition(wanted: readonly Signal[]): number {
    return Math.min(
      ...wanted.map((signal) => {
        const { through, inherited } = this.#place(signal);
        return Math.min(through + 1, ...inherited);
      }),
    );
  }

  /**
   * Returns how many requests below the position `end` have no final answer. This is an upper
   * bound: positions that were not read may belong to other signals or to refused requests.
   */
  pendingCount(wanted: readonly Signal[], end: number): number {
    const least = Math.min(...wanted.map((signal) => this.through(signal)));
    let count = Math.max(0, end - 1 - least);
    for (const signal of wanted) {
      for (const position of this.#place(signal).pending) if (position <= least) count += 1;
    }
    return count;
  }

  /** True if the request at the position must still be sent in this run. */
  isNeeded(signal: Signal, position: number): boolean {
    const { through, inherited } = this.#place(signal);
    return position > through || inherited.has(position);
  }

  /** Returns the position through which this or an earlier run has begun all requests. */
  through(signal: Signal): number {
    return this.#place(signal).through;
  }

  /** Call this before a request is sent. Positions of a signal must ascend. */
  begin(signal: Signal, position: number): void {
    const place = this.#place(signal);
    place.through = Math.max(place.through, position);
    place.pending.add(position);
    place.inherited.delete(position);
  }

  /** Call this when a request has its final answer, or can never have one. */
  end(signal: Signal, position: number): void {
    const { pending, inherited } = this.#place(signal);
    pending.delete(position);
    inherited.delete(position);
  }

  /**
   * Call this when all requests of the signal through the position were begun or do not exist.
   * Ends the inherited requests up to there, because they exist nowhere, and returns their
   * positions.
   */
  skip(signal: Signal, through: number): readonly number[] {
    const place = this.#place(signal);
    place.through = Math.max(place.through, through);
    const gone = [...place.inherited].filter((position) => position <= through);
    for (const position of gone) this.end(signal, position);
    return gone;
  }

  #place(signal: Signal): Place {
    const place = this.#places.get(signal);
    invariant(place !== undefined, 'a signal is added to the cursor before it is used');
    return place;
  }
}

interface CursorJson {
  readonly version: number;
  readonly places: readonly {
    readonly lane: number;
    readonly signal: Signal;
    readonly through: number;
    readonly pending: readonly number[];
  }[];
}
