/** Counts what retention deletes before a destination has it. */
import type { Signal } from '../shared/signal.ts';

/** Requests whose segments are gone and which the log still holds: it may yet be overtaken. */
interface InLogOnly {
  readonly signal: Signal;
  readonly positions: readonly number[];
}

export interface LostRequestsOptions {
  readonly isWanted: (signal: Signal, position: number) => boolean;
  /** Of all that the log still holds; undefined while it holds nothing. */
  readonly oldestPosition: () => number | undefined;
  readonly onLost: (count: number) => void;
}

export class LostRequests {
  readonly #options: LostRequestsOptions;
  #inLogOnly: InLogOnly[] = [];

  constructor(options: LostRequestsOptions) {
    this.#options = options;
  }

  /** A segment with these requests is about to be deleted. */
  leaving(signal: Signal, positions: Iterable<number>): void {
    const wanted = this.#wanted(signal, [...positions]);
    const oldest = this.#options.oldestPosition() ?? Number.POSITIVE_INFINITY;
    this.#lose(wanted.filter((position) => position < oldest));
    this.#keep(
      signal,
      wanted.filter((position) => position >= oldest),
    );
  }

  /** The log has no position of the signal up to this one any more. */
  overtaken(signal: Signal, through: number): void {
    const left = this.#inLogOnly;
    this.#inLogOnly = [];
    for (const each of left) {
      const wanted = this.#wanted(each.signal, each.positions);
      const isLost = (position: number) => each.signal === signal && position <= through;
      this.#lose(wanted.filter(isLost));
      this.#keep(
        each.signal,
        wanted.filter((position) => !isLost(position)),
      );
    }
  }

  #wanted(signal: Signal, positions: readonly number[]): number[] {
    return positions.filter((position) => this.#options.isWanted(signal, position));
  }

  #keep(signal: Signal, positions: readonly number[]): void {
    if (positions.length > 0) this.#inLogOnly.push({ signal, positions });
  }

  #lose({ length }: readonly number[]): void {
    if (length > 0) this.#options.onLost(length);
  }
}
