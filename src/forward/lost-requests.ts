/**
 * Counts the requests that retention deletes before they are sent to a destination.
 *
 *     a segment is deleted ──> is its request needed? ──> can it still be read?  no ──> lost
 *                                                           │ yes: from the log, or from what was
 *                                                           v read of the segment before
 *                                                        retained ──> it is sent, or skipped: lost
 *
 * 1. Each request is either sent or lost, never both.
 * 2. The retained positions are at most those that the log holds and those of one segment.
 */
import type { Signal } from '../shared/signal.ts';
import type { Cursor } from './cursor.ts';

/** Positions in ascending order. Those at indices below `next` are settled. */
interface Retained {
  readonly positions: readonly number[];
  next: number;
}

export interface LostRequestsOptions {
  readonly cursor: Pick<Cursor, 'isNeeded' | 'through' | 'end' | 'skip'>;
  /** Returns the lowest position in the log; undefined while the log is empty. */
  readonly oldestPosition: () => number | undefined;
  readonly onLost: (count: number) => void;
}

export class LostRequests {
  readonly #options: LostRequestsOptions;
  /** Positions whose segments are deleted and that can still be read. */
  readonly #retained = new Map<Signal, Retained>();
  /** The signal whose segments are being read. */
  #readingSignal: Signal | undefined;
  #readThrough = 0;

  constructor(options: LostRequestsOptions) {
    this.#options = options;
  }

  /** Call this when a segment was deleted, with the positions of its requests, ascending. */
  onSegmentDeleted(signal: Signal, positions: readonly number[]): void {
    const { cursor, oldestPosition } = this.#options;
    const needed = positions.filter((position) => cursor.isNeeded(signal, position));
    const oldest = oldestPosition() ?? Number.POSITIVE_INFINITY;
    // A file that is open can be read to its end, even after it is deleted.
    const isOpen = signal === this.#readingSignal && (positions[0] ?? 0) <= cursor.through(signal);
    const isReadable = (position: number) =>
      isOpen || position <= this.#readThrough || position >= oldest;
    this.#retain(signal, needed.filter(isReadable));
    this.#lose(
      signal,
      needed.filter((position) => !isReadable(position)),
    );
  }

  /** Call this when the log was read through the position, so that its requests are in memory. */
  onLogRead(through: number): void {
    this.#readThrough = through;
  }

  /** Call this before the segments of a signal are read. */
  onArchiveRead(signal: Signal): void {
    this.#readingSignal = signal;
  }

  /** Call this before a request is sent. Positions of a signal must ascend. */
  onBegin(signal: Signal, position: number): void {
    this.#settleBelow(signal, position);
    const retained = this.#retained.get(signal);
    while (retained?.positions[retained.next] === position) retained.next += 1;
  }

  /** Call this when no more requests of the signal through the position can be read. */
  onPassed(signal: Signal, through: number): void {
    if (signal === this.#readingSignal) this.#readingSignal = undefined;
    this.#settleBelow(signal, through + 1);
    const { cursor, onLost } = this.#options;
    const gone = cursor.skip(signal, through);
    if (gone.length > 0) onLost(gone.length);
  }

  #retain(signal: Signal, added: readonly number[]): void {
    if (added.length === 0) return;
    const { positions = [], next = 0 } = this.#retained.get(signal) ?? {};
    const merged = [...positions.slice(next), ...added].sort((a, b) => a - b);
    this.#retained.set(signal, { positions: merged, next: 0 });
  }

  /** Retained requests below the position were not read and cannot be read any more. */
  #settleBelow(signal: Signal, position: number): void {
    const retained = this.#retained.get(signal);
    if (retained === undefined) return;
    const { positions, next } = retained;
    while (retained.next < positions.length && positions[retained.next]! < position) {
      retained.next += 1;
    }
    this.#lose(signal, positions.slice(next, retained.next));
  }

  #lose(signal: Signal, positions: readonly number[]): void {
    if (positions.length === 0) return;
    for (const position of positions) this.#options.cursor.end(signal, position);
    this.#options.onLost(positions.length);
  }
}
