/** The random numbers of tests: SEED=… in the environment gives those of an earlier run again. */
import { Random } from '../src/shared/random.ts';

/** From the environment's SEED, or a new one each time; the test prints it. */
export function chooseSeed(): number {
  const given = process.env['SEED'];
  return given === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(given) >>> 0;
}

/** The same, printed. */
export function takeSeed(): number {
  const seed = chooseSeed();
  console.log(`SEED=${seed}`);
  return seed;
}

/** Of a seed that is printed. */
export function seededRandom(): TestRandom {
  return new TestRandom(takeSeed());
}

export class TestRandom extends Random {
  uint64(): bigint {
    return (BigInt(this.uint32()) << 32n) | BigInt(this.uint32());
  }

  shuffle<Item>(items: readonly Item[]): Item[] {
    const shuffled = [...items];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
    }
    return shuffled;
  }

  /** What `make` makes, up to `countMax` times. */
  several<Item>(countMax: number, make: () => Item): Item[] {
    return Array.from({ length: this.below(countMax + 1) }, make);
  }
}
