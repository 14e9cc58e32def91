/** Keeps account of a log's positions while it is read: which were met, and which are missing. */
import type { WalHeader } from './wal-format.ts';

/** Positions, both inclusive, that the log once held and that cannot be read. */
export interface WalLoss {
  readonly kind: 'loss';
  readonly from: number;
  readonly to: number;
}

export class WalAccount {
  /** Every position up to it was met, is lost, or is not needed; undefined until one is known. */
  #accounted: number | undefined;
  #lastPosition = 0;
  #nextPosition = 1;

  /** Where the lowest position that is needed is not given, none before the first met is missed. */
  constructor(neededFrom: number | undefined) {
    this.#accounted = neededFrom === undefined ? undefined : neededFrom - 1;
  }

  /** Of the last frame that the log is known to have held. */
  get lastPosition(): number {
    return this.#lastPosition;
  }

  /** Above every position that was given out, as far as the log tells. */
  get nextPosition(): number {
    return this.#nextPosition;
  }

  /** Whether a frame with the position was met before, or is not needed. */
  isDone(position: number): boolean {
    return this.#accounted !== undefined && position <= this.#accounted;
  }

  /** A use begins: what it says came before was in the log; positions it leaves out were not. */
  meetUse({ previousPosition, firstPosition }: WalHeader): WalLoss | undefined {
    const loss = this.#missingUpTo(previousPosition);
    this.#accounted = Math.max(this.#accounted ?? 0, firstPosition - 1);
    this.#lastPosition = Math.max(this.#lastPosition, previousPosition);
    this.#nextPosition = Math.max(this.#nextPosition, firstPosition);
    return loss;
  }

  /** A whole frame that was not refused. */
  meetFrame(position: number): WalLoss | undefined {
    const loss = this.#missingUpTo(position - 1);
    this.#accounted = Math.max(this.#accounted ?? 0, position);
    this.#lastPosition = Math.max(this.#lastPosition, position);
    this.see(position);
    return loss;
  }

  /** A position that was given out, whatever became of its frame. */
  see(position: number): void {
    this.#nextPosition = Math.max(this.#nextPosition, position + 1);
  }

  #missingUpTo(position: number): WalLoss | undefined {
    if (this.#accounted === undefined || position <= this.#accounted) return undefined;
    return { kind: 'loss', from: this.#accounted + 1, to: position };
  }
}
