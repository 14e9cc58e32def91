/** Tracks a log's positions while it is read: which were found, and which are missing. */
import type { WalHeader } from './wal-format.ts';

/** A range of positions, both ends inclusive, that the log once held and that cannot be read. */
export interface WalLoss {
  readonly kind: 'loss';
  readonly from: number;
  readonly to: number;
}

export class WalAccount {
  /** Every position up to here was found, is lost, or is not needed; undefined if not yet known. */
  #accounted: number | undefined;
  #lastPosition = 0;
  #nextPosition = 1;

  /** If `neededFrom` is undefined, no position before the first one found counts as missing. */
  constructor(neededFrom: number | undefined) {
    this.#accounted = neededFrom === undefined ? undefined : neededFrom - 1;
  }

  /** Position of the last frame that the log is known to have held. */
  get lastPosition(): number {
    return this.#lastPosition;
  }

  /** Greater than every position that was assigned, as far as the log shows. */
  get nextPosition(): number {
    return this.#nextPosition;
  }

  /** True if a frame with this position was found before, or is not needed. */
  isDone(position: number): boolean {
    return this.#accounted !== undefined && position <= this.#accounted;
  }

  /** Begins a use. Positions up to its previous position were in the log; the gap after was not. */
  meetUse({ previousPosition, firstPosition }: WalHeader): WalLoss | undefined {
    const loss = this.#missingUpTo(previousPosition);
    this.#accounted = Math.max(this.#accounted ?? 0, firstPosition - 1);
    this.#lastPosition = Math.max(this.#lastPosition, previousPosition);
    this.#nextPosition = Math.max(this.#nextPosition, firstPosition);
    return loss;
  }

  /** Counts a whole frame that was not refused. */
  meetFrame(position: number): WalLoss | undefined {
    const loss = this.#missingUpTo(position - 1);
    this.#accounted = Math.max(this.#accounted ?? 0, position);
    this.#lastPosition = Math.max(this.#lastPosition, position);
    this.see(position);
    return loss;
  }

  /** Counts a position that was assigned, even if its frame is broken or was refused. */
  see(position: number): void {
    this.#nextPosition = Math.max(this.#nextPosition, position + 1);
  }

  #missingUpTo(position: number): WalLoss | undefined {
    if (this.#accounted === undefined || position <= this.#accounted) return undefined;
    return { kind: 'loss', from: this.#accounted + 1, to: position };
  }
}
