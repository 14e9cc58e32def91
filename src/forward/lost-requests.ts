/**
 * Counts the requests that a destination will never get: retention deletes them, unsent.
 *
 *     a segment is deleted ──> its request is wanted ──> may it still come?  no ──> lost
 *                                                           │ yes: from the log, or from what was
 *                                                           v read of the segment before
 *                                                         kept ──> it comes, or is passed: lost
 *
 * 1. Each request is sent or lost, and never both.
 * 2. What is kept is no more than what the log holds, and one segment.
 */
import type { Signal } from '../shared/signal.ts';
import type { Cursor } from './cursor.ts';

/** Ascending; those before `next` are settled. */
interface Kept {
  readonly positions: readonly number[];
  next: number;
}

export interface LostRequestsOptions {
  readonly cursor: Pick<Cursor, 'isWanted' | 'through' | 'end' | 'pass'>;
  /** Of all that the log still holds; undefined while it holds nothing. */
  readonly oldestPosition: () => number | undefined;
  readonly onLost: (count: number) => void;
}

export class LostRequests {
  readonly #options: LostRequestsOptions;
  /** Positions whose segments are gone and that may still come. */
  readonly #kept = new Map<Signal, Kept>();
  /** Whose segments are being read. */
  #reading: Signal | undefined;
  #heldThrough = 0;

  constructor(options: LostRequestsOptions) {
    this.#options = options;
  }

  /** A segment with these requests, ascending, has been deleted. */
  left(signal: Signal, positions: readonly number[]): void {
    const { cursor, oldestPosition } = this.#options;
    const wanted = positions.filter((position) => cursor.isWanted(signal, position));
    const oldest = oldestPosition() ?? Number.POSITIVE_INFINITY;
    // Whoever has begun to read a file can read it to its end, deleted or not.
    const isOpen = signal === this.#reading && (positions[0] ?? 0) <= cursor.through(signal);
    const mayCome = (position: number) =>
      isOpen || position <= this.#heldThrough || position >= oldest;
    this.#keep(signal, wanted.filter(mayCome));
    this.#lose(
      signal,
      wanted.filter((position) => !mayCome(position)),
    );
  }

  /** The log's requests up to the position are in memory. */
  held(through: number): void {
    this.#heldThrough = through;
  }

  /** The segments of a signal are about to be read. */
  reading(signal: Signal): void {
    this.#reading = signal;
  }

  /** A request is about to be sent; those of a signal come in the order of their positions. */
  begun(signal: Signal, position: number): void {
    this.#settle(signal, position);
    const kept = this.#kept.get(signal);
    while (kept?.positions[kept.next] === position) kept.next += 1;
  }

  /** No request of the signal up to the position will come any more. */
  passed(signal: Signal, through: number): void {
    if (signal === this.#reading) this.#reading = undefined;
    this.#settle(signal, through + 1);
    const { cursor, onLost } = this.#options;
    const gone = cursor.pass(signal, through);
    if (gone.length > 0) onLost(gone.length);
  }

  #keep(signal: Signal, more: readonly number[]): void {
    if (more.length === 0) return;
    const { positions = [], next = 0 } = this.#kept.get(signal) ?? {};
    const left = [...positions.slice(next), ...more].sort((a, b) => a - b);
    this.#kept.set(signal, { positions: left, next: 0 });
  }

  /** Kept ones below the position have not come, and will not. */
  #settle(signal: Signal, position: number): void {
    const kept = this.#kept.get(signal);
    if (kept === undefined) return;
    const { positions, next } = kept;
    while (kept.next < positions.length && positions[kept.next]! < position) kept.next += 1;
    this.#lose(signal, positions.slice(next, kept.next));
  }

  #lose(signal: Signal, positions: readonly number[]): void {
    if (positions.length === 0) return;
    for (const position of positions) this.#options.cursor.end(signal, position);
    this.#options.onLost(positions.length);
  }
}
