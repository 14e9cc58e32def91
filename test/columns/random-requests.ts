/** Random requests of any signal: all that OTLP allows, and much that no SDK would send. */
import type { TestRandom } from '../random.ts';
import {
  type Bytes,
  doubleField,
  field,
  fixed32Field,
  fixed64Field,
  group,
  join,
  longVarint,
  message,
  noBytes,
  tag,
  varintField,
} from './wire-writer.ts';

const levelsMax = 5;

/** No message has fields with this number or a greater one. */
const unknownNumberMin = 21;

/** Values that often reveal bugs. */
const texts = [
  '',
  'a',
  '"',
  '\\',
  '\n\r\t\b\f',
  '\u0000',
  '\u001f\u007f',
  'ä',
  '€',
  '😀',
  '\ufeff',
];
const numbers = [
  0n,
  1n,
  127n,
  128n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
];
const doubles = [
  0,
  -0,
  1,
  200,
  0.1,
  1e21,
  1e-7,
  5e-324,
  Number.MAX_VALUE,
  NaN,
  Infinity,
  -Infinity,
];
const brokenTexts = [
  [0x80],
  [0xc0, 0xaf],
  [0xe2, 0x82],
  [0xed, 0xa0, 0x80],
  [0xf0, 0x9f, 0x98],
  [0xff],
];

export interface RandomRequestsOptions {
  /**
   * The probability, from 0 to 1, that a message gets something irregular: repeated, unknown or out
   * of order.
   */
  readonly irregularity: number;
  /** True if text is always UTF-8, even in irregular messages; some decoders refuse other text. */
  readonly isUtf8?: boolean;
}

export abstract class RandomRequests {
  protected readonly random: TestRandom;
  readonly #irregularity: number;
  readonly #brokenTextChance: number;

  constructor(random: TestRandom, { irregularity, isUtf8 = false }: RandomRequestsOptions) {
    this.random = random;
    this.#irregularity = irregularity;
    this.#brokenTextChance = isUtf8 ? 0 : irregularity / 4;
  }

  /** The content of a span, a log record or a metric. */
  abstract record(): Bytes;

  request(): Bytes {
    return this.message(this.random.several(3, () => field(1, this.#resourceGroup())));
  }

  #resourceGroup(): Bytes {
    return this.message([
      this.maybe(() => field(1, this.#resource())),
      ...this.random.several(3, () => field(2, this.#scopeGroup())),
      this.maybe(() => field(3, this.text())),
    ]);
  }

  #resource(): Bytes {
    return this.message([
      this.maybe(() => message(1, field(1, 'service.name'), field(2, this.anyValue(1)))),
      ...this.attributes(1),
      this.maybe(() => varintField(2, this.number())),
    ]);
  }

  #scopeGroup(): Bytes {
    return this.message([
      this.maybe(() => field(1, this.#scope())),
      ...this.random.several(4, () => field(2, this.record())),
      this.maybe(() => field(3, this.text())),
    ]);
  }

  #scope(): Bytes {
    return this.message([
      this.maybe(() => field(1, this.text())),
      this.maybe(() => field(2, this.text())),
      ...this.attributes(3),
      this.maybe(() => varintField(4, this.number())),
    ]);
  }

  protected attributes(number: number): Bytes[] {
    return this.random.several(4, () => field(number, this.keyValue(1)));
  }

  protected keyValue(level: number): Bytes {
    return this.message([
      this.maybe(() => field(1, this.text()), 0.9),
      this.maybe(() => field(2, this.anyValue(level)), 0.9),
    ]);
  }

  protected anyValue(level: number): Bytes {
    const fields = [this.maybe(() => this.#member(level), 0.95)];
    while (this.#isIrregular()) fields.push(this.#member(level));
    return this.message(fields);
  }

  #member(level: number): Bytes {
    const random = this.random;
    switch (random.below(level < levelsMax ? 10 : 5)) {
      case 0:
        return varintField(2, random.below(3));
      case 1:
        return varintField(3, this.number());
      case 2:
        return doubleField(4, this.double());
      case 3:
        return field(7, random.bytes(random.below(20)));
      case 8:
        return field(5, this.message(random.several(3, () => field(1, this.anyValue(level + 1)))));
      case 9:
        return field(6, this.message(random.several(3, () => field(1, this.keyValue(level + 1)))));
      default:
        return field(1, this.text());
    }
  }

  protected id(usualBytes: number): Uint8Array {
    const random = this.random;
    return random.bytes(random.chance(0.8) ? usualBytes : random.below(40));
  }

  protected time(): bigint {
    const random = this.random;
    return random.chance(0.8)
      ? 1_700_000_000_000_000_000n + random.uint64() / 4096n
      : this.number();
  }

  protected number(): bigint {
    const random = this.random;
    return random.chance(0.5) ? random.pick(numbers) : random.uint64() >> BigInt(random.below(64));
  }

  protected enumNumber(): bigint {
    const random = this.random;
    return random.chance(0.8) ? BigInt(random.below(7)) : BigInt(random.uint32() | 0);
  }

  protected double(): number {
    const random = this.random;
    if (random.chance(0.5)) return random.pick(doubles);
    const bits = new BigUint64Array([random.uint64()]);
    return new Float64Array(bits.buffer)[0]!;
  }

  protected text(): Bytes {
    const random = this.random;
    const parts = random.several(4, () => {
      if (random.chance(0.3)) return Buffer.from(random.pick(texts));
      if (random.chance(this.#brokenTextChance)) return Buffer.from(random.pick(brokenTexts));
      return Buffer.from('abcdefghijklmnopqrstuvwxyz0123456789'.slice(0, random.below(37)));
    });
    return join(...parts);
  }

  protected maybe(make: () => Bytes, probability = 0.7): Bytes {
    if (!this.random.chance(probability)) return noBytes;
    return this.#isIrregular() ? join(make(), make()) : make();
  }

  protected message(fields: readonly Bytes[]): Bytes {
    if (!this.#isIrregular()) return join(...fields);
    return join(...this.random.shuffle([...fields, this.#stranger()]));
  }

  #isIrregular(): boolean {
    return this.random.chance(this.#irregularity);
  }

  /** A field that no message has, or that is written in an unusual way. */
  #stranger(): Bytes {
    const random = this.random;
    const number = unknownNumberMin + random.below(random.chance(0.5) ? 20 : 2 ** 29 - 41);
    switch (random.below(5)) {
      case 0:
        return join(
          tag(unknownNumberMin + random.below(2000), 0),
          longVarint(random.below(1000), 3),
        );
      case 1:
        return fixed64Field(number, random.uint64());
      case 2:
        return fixed32Field(number, random.uint32());
      case 3:
        return group(number, this.#stranger(), varintField(1, 1));
      default:
        return field(1000 + random.below(1000), random.bytes(random.below(20)));
    }
  }
}
