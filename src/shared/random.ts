/** Random numbers from a seed: the same seed gives the same numbers. */

/** The first numbers are dropped: after these, a small seed has changed the whole state. */
const warmUpDraws = 16;

/** The generator "sfc32": 128 bits of state, a few additions for each number. */
export class Random {
  #a = 0;
  #b = 0;
  #c: number;
  #counter = 1;

  /** The seed is a whole number from 0 to 2^32 - 1. */
  constructor(seed: number) {
    this.#c = seed | 0;
    for (let draw = 0; draw < warmUpDraws; draw++) this.uint32();
  }

  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** From 0 up to, but not including, 1. */
  fraction(): number {
    return this.uint32() / 2 ** 32;
  }

  /** A whole number from 0 up to, but not including, the limit. */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }

  /** A whole number within bounds, both included. */
  between(min: number, max: number): number {
    return min + this.below(max - min + 1);
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('There is nothing to pick from.');
    return item;
  }

  /** Log-normal, like latencies: half of the values are below the median, a few far above it. */
  logNormal(median: number, sigma: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.fraction()));
    return median * Math.exp(sigma * radius * Math.cos(2 * Math.PI * this.fraction()));
  }

  bytes(byteCount: number): Uint8Array {
    const bytes = new Uint8Array(byteCount);
    for (let index = 0, word = 0; index < byteCount; index++, word >>>= 8) {
      if (index % 4 === 0) word = this.uint32();
      bytes[index] = word;
    }
    return bytes;
  }

  hex(byteCount: number): string {
    return Buffer.from(this.bytes(byteCount)).toString('hex');
  }
}
