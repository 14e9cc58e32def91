/**
 * Random requests of any signal that the columns can represent completely, built from the .proto
 * files.
 */
import protobuf from 'protobufjs';
import { requestType } from '../../src/shared/otlp-messages.ts';
import type { Signal } from '../../src/shared/signal.ts';
import type { TestRandom } from '../random.ts';

const texts = [
  '',
  'a',
  '"\\/',
  '\n\r\t\b\f',
  '\u0000\u001f\u007f',
  'äöü',
  '€',
  '😀',
  '\ufffd\ufeff',
];
const integers = [0n, 1n, -1n, 127n, 128n, 2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)];
const doubles = [0, -0, 1, -200, 0.1, 1e21, 1e-7, 5e-324, 2.5e-308, Number.MAX_VALUE, 2 ** 53];
const timeMax = 2n ** 63n - 2n;
const levelsMax = 4;

/** Fields without a column; and bytes, which look like strings in attributes. */
const strangers = new Set(['entityRefs', 'keyStrindex', 'stringValueStrindex', 'bytesValue']);

type Value = unknown;

export class RegularRequests {
  readonly #random: TestRandom;
  readonly #type: protobuf.Type;

  constructor(random: TestRandom, signal: Signal) {
    this.#random = random;
    this.#type = requestType(signal);
  }

  request(): Buffer {
    const message = this.#type.fromObject(this.#message(this.#type, 0));
    return Buffer.from(this.#type.encode(message).finish());
  }

  #message(type: protobuf.Type, level: number): Record<string, Value> {
    const object: Record<string, Value> = {};
    const settable = type.fieldsArray.filter(({ name }) => !strangers.has(name));
    for (const field of settable) {
      const isForced = field.name === 'value' && type.name === 'KeyValue';
      if (field.partOf !== null && !isProto3Optional(field)) continue;
      if (isForced || this.#random.chance(0.8)) object[field.name] = this.#field(field, level);
    }
    for (const { fieldsArray } of type.oneofsArray) {
      const members = fieldsArray.filter((field) => this.#isMember(field, level));
      if (members.length === 0 || !this.#random.chance(0.9)) continue;
      const member = this.#random.pick(members);
      object[member.name] = this.#field(member, level);
    }
    return object;
  }

  #isMember(field: protobuf.Field, level: number): boolean {
    const isNested = field.name === 'arrayValue' || field.name === 'kvlistValue';
    return (
      !isProto3Optional(field) && !strangers.has(field.name) && !(isNested && level > levelsMax)
    );
  }

  #field(field: protobuf.Field, level: number): Value {
    if (!field.repeated) return this.#value(field, level);
    return this.#random.several(3, () => this.#value(field, level));
  }

  #value(field: protobuf.Field, level: number): Value {
    const { resolvedType, type, name } = field;
    const random = this.#random;
    if (resolvedType instanceof protobuf.Type) {
      if (name === 'body' && random.chance(0.3)) return this.#bodyOnly();
      return this.#message(resolvedType, level + (resolvedType.name === 'AnyValue' ? 1 : 0));
    }
    if (resolvedType instanceof protobuf.Enum)
      return random.chance(0.8) ? random.below(4) : random.uint32() | 0;
    switch (type) {
      case 'string':
        return random
          .several(3, () => random.pick([...texts, 'x'.repeat(random.below(200))]))
          .join('');
      case 'bytes':
        return random.bytes(random.chance(0.8) ? 8 : random.below(40));
      case 'bool':
        return random.chance(0.5);
      case 'double':
        return name === 'doubleValue' ? this.#finite() : this.#double();
      case 'uint32':
      case 'fixed32':
        return random.uint32() >>> random.below(32);
      case 'sint32':
        return random.uint32() | 0;
      default:
        return String(name.endsWith('UnixNano') ? this.#time() : this.#integer(type));
    }
  }

  /** Values that are regular only in a body, because the column body_type holds their type. */
  #bodyOnly(): Record<string, Value> {
    if (this.#random.chance(0.5)) return { bytesValue: this.#random.bytes(this.#random.below(9)) };
    return { doubleValue: this.#random.pick([NaN, Infinity, -Infinity]) };
  }

  #time(): bigint {
    return this.#random.chance(0.1) ? timeMax : this.#random.uint64() % timeMax;
  }

  #integer(type: string): bigint {
    const random = this.#random;
    const value = random.chance(0.5)
      ? random.pick(integers)
      : BigInt.asIntN(64, random.uint64() >> BigInt(random.below(64)));
    return type === 'int64' || type === 'sfixed64' ? value : BigInt.asUintN(64, value);
  }

  #double(): number {
    return this.#random.chance(0.1)
      ? this.#random.pick([NaN, Infinity, -Infinity])
      : this.#finite();
  }

  #finite(): number {
    if (this.#random.chance(0.4)) return this.#random.pick(doubles);
    const value = new Float64Array(new BigUint64Array([this.#random.uint64()]).buffer)[0]!;
    return Number.isFinite(value) ? value : 0.5;
  }
}

/** protobufjs puts each `optional` field into a oneof of its own. */
function isProto3Optional({ partOf }: protobuf.Field): boolean {
  return partOf !== null && partOf.fieldsArray.length === 1;
}
