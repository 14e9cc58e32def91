/** Random numbers for tests. SEED=… in the environment repeats the numbers of an earlier run. */
import { Random } from '../src/shared/random.ts';

/** Returns SEED from the environment, or a new seed. The test prints it. */
export function chooseSeed(): number {
  const given = process.env['SEED'];
  return given === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(given) >>> 0;
}

/** Returns the same seed as `chooseSeed` and prints it. */
export function takeSeed(): number {
  const seed = chooseSeed();
  console.log(`SEED=${seed}`);
  return seed;
}

/** Returns a generator whose seed has been printed. */
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

  /** Returns up to `countMax` results of `make`. */
  several<Item>(countMax: number, make: () => Item): Item[] {
    return Array.from({ length: this.below(countMax + 1) }, make);
  }
}
