/** Knows which positions of a lane are in segments, by signal. */
import { invariant } from '../../shared/invariant.ts';
import { type Signal, signals } from '../../shared/signal.ts';

/** Both ends are inclusive. */
export interface PositionRange {
  readonly from: number;
  readonly to: number;
}

/** For each signal: everything up to this position is archived; 0 for none. */
export type ArchivedThrough = Readonly<Record<Signal, number>>;

export class ArchivedPositions {
  readonly #through: ArchivedThrough;
  /** By signal: ordered, without overlaps, all above `through`. */
  readonly #ranges: ReadonlyMap<Signal, readonly PositionRange[]>;

  /** The ranges may come in any order. Each counts only for its own signal. */
  constructor(through: ArchivedThrough, ranges: ReadonlyMap<Signal, readonly PositionRange[]>) {
    this.#through = through;
    this.#ranges = new Map(signals.map((signal) => [signal, merge(ranges.get(signal) ?? [])]));
  }

  has(signal: Signal, position: number): boolean {
    return position <= this.#through[signal] || isWithin(this.#rangesOf(signal), position);
  }

  /** The greatest archived position; 0 if there is none. */
  get last(): number {
    return Math.max(...signals.map((signal) => this.#lastOf(signal)));
  }

  /**
   * Every position below this one is archived, whatever its signal is. It is often lower than the
   * first missing position, because positions of other signals lie between a signal's batches.
   */
  get neededFrom(): number {
    return Math.min(...signals.map((signal) => this.#firstGap(signal)));
  }

  /**
   * The parts of a range that no batch of any signal covers. A position inside the range of a batch
   * may still be missing, if it belonged to another signal.
   */
  missing({ from, to }: PositionRange): PositionRange[] {
    const through = Math.max(...Object.values(this.#through));
    const all = merge([{ from: 0, to: through }, ...[...this.#ranges.values()].flat()]);
    const missing: PositionRange[] = [];
    let next = from;
    for (const range of all) {
      if (range.to < next) continue;
      if (range.from > to) break;
      if (range.from > next) missing.push({ from: next, to: range.from - 1 });
      next = range.to + 1;
    }
    return next > to ? missing : [...missing, { from: next, to }];
  }

  #firstGap(signal: Signal): number {
    let gap = this.#through[signal] + 1;
    for (const { from, to } of this.#rangesOf(signal)) {
      if (from > gap) break;
      gap = Math.max(gap, to + 1);
    }
    return gap;
  }

  #lastOf(signal: Signal): number {
    return Math.max(this.#through[signal], this.#rangesOf(signal).at(-1)?.to ?? 0);
  }

  #rangesOf(signal: Signal): readonly PositionRange[] {
    return this.#ranges.get(signal) ?? [];
  }
}

/** Sorts the ranges and joins those that touch or overlap. */
function merge(ranges: readonly PositionRange[]): PositionRange[] {
  const merged: { from: number; to: number }[] = [];
  for (const { from, to } of [...ranges].sort((a, b) => a.from - b.from)) {
    invariant(from <= to, 'a range does not end before it starts');
    const last = merged.at(-1);
    if (last !== undefined && from <= last.to + 1) last.to = Math.max(last.to, to);
    else merged.push({ from, to });
  }
  return merged;
}

function isWithin(ranges: readonly PositionRange[], position: number): boolean {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ranges[middle]!.to < position) low = middle + 1;
    else high = middle;
  }
  const range = ranges[low];
  return range !== undefined && range.from <= position;
}
