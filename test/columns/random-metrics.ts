/** Random metric requests. */
import { RandomRequests } from './random-requests.ts';
import {
  type Bytes,
  doubleField,
  field,
  fixed64Field,
  join,
  noBytes,
  varint,
  varintField,
} from './wire-writer.ts';

/** Small numbers, and numbers of all 64 bits. */
const bucketCounts = [0n, 1n, 2n, 127n, 128n, 300n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n];

export class RandomMetrics extends RandomRequests {
  record(): Bytes {
    return this.message([
      this.maybe(() => field(1, this.text())),
      this.maybe(() => field(2, this.text())),
      this.maybe(() => field(3, this.text())),
      this.maybe(() => this.#data(), 0.95),
      ...(this.random.chance(0.2) ? this.attributes(12) : []),
    ]);
  }

  #data(): Bytes {
    const number = this.random.pick([5, 7, 9, 10, 11] as const);
    const makePoint = {
      5: () => this.#numberPoint(),
      7: () => this.#numberPoint(),
      9: () => this.#histogramPoint(),
      10: () => this.#exponentialPoint(),
      11: () => this.#summaryPoint(),
    }[number];
    const hasTemporality = number === 7 || number === 9 || number === 10;
    const data = this.message([
      ...this.random.several(3, () => field(1, makePoint())),
      this.maybe(() => varintField(2, this.enumNumber()), hasTemporality ? 0.8 : 0),
      this.maybe(() => varintField(3, this.random.below(3)), number === 7 ? 0.8 : 0),
    ]);
    return field(number, data);
  }

  #numberPoint(): Bytes {
    return this.message([
      ...this.#times(),
      this.#value(4, 6),
      ...this.#exemplars(5),
      ...this.attributes(7),
      this.#flags(8),
    ]);
  }

  #histogramPoint(): Bytes {
    return this.message([
      ...this.#times(),
      this.maybe(() => fixed64Field(4, this.number())),
      this.maybe(() => doubleField(5, this.double())),
      ...this.#numbers(6, () => fixed64(this.random.pick(bucketCounts)), 1),
      ...this.#numbers(7, () => float64(this.double()), 1),
      ...this.#exemplars(8),
      ...this.attributes(9),
      this.#flags(10),
      this.maybe(() => doubleField(11, this.double())),
      this.maybe(() => doubleField(12, this.double())),
    ]);
  }

  #exponentialPoint(): Bytes {
    return this.message([
      ...this.attributes(1),
      ...this.#times(),
      this.maybe(() => fixed64Field(4, this.number())),
      this.maybe(() => doubleField(5, this.double())),
      this.maybe(() => varintField(6, this.#zigzag())),
      this.maybe(() => fixed64Field(7, this.number())),
      this.maybe(() => field(8, this.#buckets())),
      this.maybe(() => field(9, this.#buckets())),
      this.#flags(10),
      ...this.#exemplars(11),
      this.maybe(() => doubleField(12, this.double())),
      this.maybe(() => doubleField(13, this.double())),
      this.maybe(() => doubleField(14, this.double())),
    ]);
  }

  #buckets(): Bytes {
    return this.message([
      this.maybe(() => varintField(1, this.#zigzag())),
      ...this.#numbers(2, () => varint(this.random.pick(bucketCounts)), 0),
    ]);
  }

  #summaryPoint(): Bytes {
    return this.message([
      ...this.#times(),
      this.maybe(() => fixed64Field(4, this.number())),
      this.maybe(() => doubleField(5, this.double())),
      ...this.random.several(3, () => field(6, this.#quantile())),
      ...this.attributes(7),
      this.#flags(8),
    ]);
  }

  #quantile(): Bytes {
    return this.message([
      this.maybe(() => doubleField(1, this.double())),
      this.maybe(() => doubleField(2, this.double())),
    ]);
  }

  #times(): Bytes[] {
    return [
      this.maybe(() => fixed64Field(2, this.time())),
      this.maybe(() => fixed64Field(3, this.time())),
    ];
  }

  /** One member of a oneof. An irregular message may have both. */
  #value(asDouble: number, asInt: number): Bytes {
    return this.maybe(() => {
      if (this.random.chance(0.5)) return doubleField(asDouble, this.double());
      return fixed64Field(asInt, this.number());
    }, 0.9);
  }

  #flags(number: number): Bytes {
    return this.maybe(() => varintField(number, this.number()), 0.3);
  }

  #exemplars(number: number): Bytes[] {
    if (this.random.chance(0.6)) return [];
    return this.random.several(3, () => field(number, this.#exemplar()));
  }

  #exemplar(): Bytes {
    return this.message([
      this.maybe(() => fixed64Field(2, this.time())),
      this.#value(3, 6),
      this.maybe(() => field(4, this.id(8))),
      this.maybe(() => field(5, this.id(16))),
      ...this.attributes(7),
    ]);
  }

  /** Numbers that are packed, one by one, or both. A packed field may be empty. */
  #numbers(number: number, make: () => Bytes, wireType: number): Bytes[] {
    const packed = () => field(number, join(...this.random.several(6, make)));
    const single = () => join(varint(number * 8 + wireType), make());
    return this.random.pick([
      () => [noBytes],
      () => [packed()],
      () => this.random.several(4, single),
      () => [packed(), single(), packed()],
    ])();
  }

  #zigzag(): bigint {
    const number = this.random.chance(0.5) ? this.random.below(40) - 20 : this.random.uint32() | 0;
    return BigInt((number << 1) ^ (number >> 31)) & 0xffffffffn;
  }
}

function fixed64(value: bigint): Bytes {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

function float64(value: number): Bytes {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}
