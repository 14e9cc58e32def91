/** Decides whether samples of a process grow with time, or only vary. */

/** One look at the process. */
export interface Sample {
  readonly rssBytes: number;
  readonly openFiles: number;
  readonly threads: number;
}

type Quantity = keyof Sample;

/**
 * How much the median of the last third of the samples may exceed that of the first third, as a
 * part and as an amount. RSS varies with the garbage collector by some MiB. A rotation or a reader
 * holds some files for a moment, which the medians do not show. Threads do not come and go.
 */
const growthMax: Readonly<Record<Quantity, { readonly part: number; readonly amount: number }>> = {
  rssBytes: { part: 0.08, amount: 16 * 1024 * 1024 },
  openFiles: { part: 0, amount: 4 },
  threads: { part: 0, amount: 1 },
};

export interface Trend {
  readonly quantity: Quantity;
  /** Medians of the first and of the last third. */
  readonly first: number;
  readonly last: number;
  readonly isGrowth: boolean;
}

/** Takes at least three samples, at equal distances in time, without those of the warm-up. */
export function trendsOf(samples: readonly Sample[]): Trend[] {
  const third = Math.floor(samples.length / 3);
  return (Object.keys(growthMax) as Quantity[]).map((quantity) => {
    const values = samples.map((sample) => sample[quantity]);
    const first = median(values.slice(0, third));
    const last = median(values.slice(-third));
    const { part, amount } = growthMax[quantity];
    return { quantity, first, last, isGrowth: last > first * (1 + part) + amount };
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
