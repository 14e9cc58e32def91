/** Which positions of a lane are in segments, by signal. */
import { invariant } from '../../shared/invariant.ts';
import { type Signal, signals } from '../../shared/signal.ts';

/** Both inclusive. */
export interface PositionRange {
  readonly from: number;
  readonly to: number;
}

/** By signal, all up to this position; 0 for none. */
export type ArchivedThrough = Readonly<Record<Signal, number>>;

export class ArchivedPositions {
  readonly #through: ArchivedThrough;
  /** By signal, in order, without overlaps, all above `through`. */
  readonly #ranges: ReadonlyMap<Signal, readonly PositionRange[]>;

  /** The ranges come in any order, and count for their own signal only. */
  constructor(through: ArchivedThrough, ranges: ReadonlyMap<Signal, readonly PositionRange[]>) {
    this.#through = through;
    this.#ranges = new Map(signals.map((signal) => [signal, merge(ranges.get(signal) ?? [])]));
  }

  has(signal: Signal, position: number): boolean {
    return position <= this.#through[signal] || isWithin(this.#rangesOf(signal), position);
  }

  /** The greatest; 0 where there is none. */
  get last(): number {
    return Math.max(...signals.map((signal) => this.#lastOf(signal)));
  }

  /**
   * Whichever signal a position below it belongs to, it is archived. Between the batches of a
   * signal lie positions of others, so this is often lower than the first one that is missing.
   */
  get neededFrom(): number {
    return Math.min(...signals.map((signal) => this.#firstGap(signal)));
  }

  /**
   * The parts of a range that no batch of any signal can hold. What lies within a batch's range
   * need not be in it, if it is of another signal.
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

/** In order, and each that touches the one before it joined to it. */
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
