/**
 * How far a destination has come: for each lane and signal the position it was read through, and
 * which positions up to there still have no final answer. All others up to there are done.
 *
 *     {"version":1,"places":[{"lane":0,"signal":"traces","through":81,"pending":[77,80]}]}
 *     1f0c22a9                                              crc32 of the line before, and its end
 */
import { crc32 } from 'node:zlib';
import { type Signal, signals } from '../shared/signal.ts';

const version = 1;

interface Place {
  through: number;
  readonly pending: Set<number>;
}

/** Where a destination begins that was never seen before. */
export interface CursorStart {
  readonly lane: number;
  readonly through: number;
}

/** Of one lane; its signals may be at different places. */
export class Cursor {
  readonly #lane: number;
  readonly #places: Readonly<Record<Signal, Place>>;

  constructor(lane: number, placeOf: (signal: Signal) => Place) {
    this.#lane = lane;
    this.#places = {
      traces: placeOf('traces'),
      metrics: placeOf('metrics'),
      logs: placeOf('logs'),
    };
  }

  static startingAt({ lane, through }: CursorStart): Cursor {
    return new Cursor(lane, () => ({ through, pending: new Set() }));
  }

  /** Undefined for any text that `toText` has not given. */
  static fromText(lane: number, text: string): Cursor | undefined {
    try {
      const json: CursorJson = JSON.parse(text.split('\n', 1)[0] ?? '');
      const cursor = new Cursor(lane, (signal) => {
        const place = json.places.find((each) => each.signal === signal && each.lane === lane);
        if (place === undefined) throw new Error('a signal is missing');
        return { through: Number(place.through), pending: new Set(place.pending.map(Number)) };
      });
      return cursor.toText() === text ? cursor : undefined;
    } catch {
      return undefined;
    }
  }

  toText(): string {
    const places = signals.map((signal) => {
      const { through, pending } = this.#places[signal];
      const positions = [...pending].sort((a, b) => a - b);
      return { lane: this.#lane, signal, through, pending: positions };
    });
    const line = `${JSON.stringify({ version, places } satisfies CursorJson)}\n`;
    return `${line}${crc32(line).toString(16).padStart(8, '0')}\n`;
  }

  /** The lowest position that any of the signals may still need. */
  nextPosition(wanted: readonly Signal[]): number {
    return Math.min(...wanted.map((signal) => this.#lowest(signal)));
  }

  /** Whether a request at the position has not been sent, or has had no final answer. */
  isWanted(signal: Signal, position: number): boolean {
    const { through, pending } = this.#places[signal];
    return position > through || pending.has(position);
  }

  /** A request is about to be sent. Those of a signal begin in the order of their positions. */
  begin(signal: Signal, position: number): void {
    const place = this.#places[signal];
    place.through = Math.max(place.through, position);
    place.pending.add(position);
  }

  /** It has its final answer. */
  end(signal: Signal, position: number): void {
    this.#places[signal].pending.delete(position);
  }

  /** All requests of the signal up to the position have begun, or there are none. */
  pass(signal: Signal, through: number): void {
    const place = this.#places[signal];
    place.through = Math.max(place.through, through);
  }

  #lowest(signal: Signal): number {
    const { through, pending } = this.#places[signal];
    return Math.min(through + 1, ...pending);
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
