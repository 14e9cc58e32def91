/**
 * How far a destination has come: for each lane and signal the position it was read through, and
 * which positions up to there still have no final answer. All others up to there are done. The
 * format is described in docs/format/cursor.md.
 *
 *     {"version":1,"places":[{"lane":0,"signal":"traces","through":81,"pending":[77,80]}]}
 */
import { invariant } from '../shared/invariant.ts';
import { type Signal, signals } from '../shared/signal.ts';

const version = 1;

interface Place {
  through: number;
  /** Without a final answer. */
  readonly pending: Set<number>;
  /** Of those the ones that an earlier run has begun, and this one has not yet. */
  readonly left: Set<number>;
}

/** Of one lane; its signals may be at different places, and one that was never wanted has none. */
export class Cursor {
  readonly #lane: number;
  readonly #places: Map<Signal, Place>;

  constructor(lane: number) {
    this.#lane = lane;
    this.#places = new Map();
  }

  /** Undefined for any text that `toText` has not given. */
  static fromText(lane: number, text: string): Cursor | undefined {
    try {
      const json: CursorJson = JSON.parse(text);
      const cursor = new Cursor(lane);
      for (const { signal, through, pending } of json.places) {
        if (![through, ...pending].every(Number.isSafeInteger)) return undefined;
        const place = { through, pending: new Set(pending), left: new Set(pending) };
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

  /** Signals that were never wanted before begin behind the position. */
  want(wanted: readonly Signal[], through: number): void {
    for (const signal of wanted) {
      if (this.#places.has(signal)) continue;
      this.#places.set(signal, { through, pending: new Set(), left: new Set() });
    }
  }

  /**
   * Positions from this one on have not been given to any request yet, whatever was here: a loss of
   * power may have taken back what was logged and even sent.
   */
  notBeyond(nextPosition: number): void {
    for (const place of this.#places.values()) {
      place.through = Math.min(place.through, nextPosition - 1);
      for (const set of [place.pending, place.left]) {
        for (const position of set) if (position >= nextPosition) set.delete(position);
      }
    }
  }

  /** The lowest position that is to be read for any of the signals. */
  nextPosition(wanted: readonly Signal[]): number {
    return Math.min(
      ...wanted.map((signal) => {
        const { through, left } = this.#place(signal);
        return Math.min(through + 1, ...left);
      }),
    );
  }

  /**
   * Requests without a final answer, when `end` is the next position; at most, as those that were
   * not read may be of signals that are not wanted, or were refused.
   */
  behind(wanted: readonly Signal[], end: number): number {
    const least = Math.min(...wanted.map((signal) => this.through(signal)));
    let count = Math.max(0, end - 1 - least);
    for (const signal of wanted) {
      for (const position of this.#place(signal).pending) if (position <= least) count += 1;
    }
    return count;
  }

  /** Whether a request at the position is still to be begun. */
  isWanted(signal: Signal, position: number): boolean {
    const { through, left } = this.#place(signal);
    return position > through || left.has(position);
  }

  /** All requests of the signal up to there have begun, in this run or an earlier one. */
  through(signal: Signal): number {
    return this.#place(signal).through;
  }

  /** A request is about to be sent. Those of a signal begin in the order of their positions. */
  begin(signal: Signal, position: number): void {
    const place = this.#place(signal);
    place.through = Math.max(place.through, position);
    place.pending.add(position);
    place.left.delete(position);
  }

  /** It has its final answer, or will never have one. */
  end(signal: Signal, position: number): void {
    const { pending, left } = this.#place(signal);
    pending.delete(position);
    left.delete(position);
  }

  /**
   * All requests of the signal up to the position have begun, or there are none. Returns those that
   * an earlier run had begun and that are nowhere any more: they are ended.
   */
  pass(signal: Signal, through: number): readonly number[] {
    const place = this.#place(signal);
    place.through = Math.max(place.through, through);
    const gone = [...place.left].filter((position) => position <= through);
    for (const position of gone) this.end(signal, position);
    return gone;
  }

  #place(signal: Signal): Place {
    const place = this.#places.get(signal);
    invariant(place !== undefined, 'a signal is asked for once it is wanted');
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
