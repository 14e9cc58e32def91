/** Random messages by reflection, each as an object for protobufjs and as OTLP/JSON text. */
import protobuf from 'protobufjs';

export interface Generated {
  readonly object: Record<string, unknown>;
  readonly text: string;
}

/** A value in both forms. */
type Pair = readonly [object: unknown, json: string];

const hexNames = new Set(['traceId', 'spanId', 'parentSpanId']);

const texts = ['', 'a', 'GET /', 'ä€😀', '\u0000\u001f"\\/', '\ufeff', 'x'.repeat(200)];

/** The same seed gives the same messages. */
export class JsonGenerator {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  message(type: protobuf.Type, depth = 0): Generated {
    const object: Record<string, unknown> = {};
    const members: string[] = [];
    const oneofs = new Set<protobuf.OneOf>();
    for (const field of type.fieldsArray) {
      const { partOf } = field;
      if (this.#below(10) < 4 || (partOf !== null && oneofs.has(partOf))) continue;
      const value = this.#field(field.resolve() as protobuf.Field, depth);
      if (value === undefined) continue;
      if (partOf !== null) oneofs.add(partOf);
      object[field.name] = value[0];
      members.push(`"${field.name}":${value[1]}`);
    }
    if (this.#below(6) === 0) members.push(this.#pick(['"unknown":[{"a":null}]', '"o_ld":1e99']));
    return { object, text: `{${this.#shuffle(members).join(this.#pick([',', ' ,\n ']))}}` };
  }

  #field(field: protobuf.Field, depth: number): Pair | undefined {
    if (!field.repeated) return this.#value(field, depth);
    const pairs = Array.from({ length: this.#below(4) }, () => this.#value(field, depth));
    if (pairs.includes(undefined)) return undefined;
    const values = pairs as Pair[];
    return [values.map(([object]) => object), `[${values.map(([, json]) => json).join(',')}]`];
  }

  /** Undefined where messages would nest too deep. */
  #value(field: protobuf.Field, depth: number): Pair | undefined {
    const { resolvedType, type, name } = field;
    if (resolvedType instanceof protobuf.Type) {
      if (depth > 12) return undefined;
      const { object, text } = this.message(resolvedType, depth + 1);
      return [object, text];
    }
    if (resolvedType instanceof protobuf.Enum) return this.#enum(resolvedType);
    if (type === 'string') return this.#text();
    if (type === 'bytes') return hexNames.has(name) ? this.#hex() : this.#base64();
    if (type === 'bool') return this.#bool();
    return type === 'double' ? this.#double() : this.#integer(type);
  }

  #enum({ values }: protobuf.Enum): Pair {
    const [name, number] = this.#pick(Object.entries(values));
    return this.#below(2) === 0 ? [number, String(number)] : [number, `"${name}"`];
  }

  #text(): Pair {
    const text = this.#pick(texts);
    return [text, JSON.stringify(text)];
  }

  #bool(): Pair {
    const value = this.#below(2) === 0;
    return [value, String(value)];
  }

  #hex(): Pair {
    const bytes = this.#bytes(this.#pick([0, 1, 8, 16, 20]));
    const hex = bytes.toString('hex');
    return [bytes, `"${this.#below(2) === 0 ? hex : hex.toUpperCase()}"`];
  }

  #base64(): Pair {
    const bytes = this.#bytes(this.#below(40));
    return [bytes, `"${bytes.toString(this.#below(2) === 0 ? 'base64' : 'base64url')}"`];
  }

  #double(): Pair {
    const named = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    if (this.#below(5) === 0) {
      const value = this.#pick(named);
      return [value, `"${value}"`];
    }
    const value = this.#pick([0, -0, 1, -17, 0.1, 1e21, 5e-324, 2 ** 53, this.#below(1e9) / 7]);
    const json = Object.is(value, -0) ? '-0.0' : String(value);
    return [value, this.#below(4) === 0 ? `"${json}"` : json];
  }

  #integer(type: string): Pair {
    const isSigned = !/^(uint|fixed)/.test(type);
    const bits = type.endsWith('64') ? 64n : 32n;
    const drawn = BigInt(`0x${this.#bytes(8).toString('hex')}`) >> BigInt(this.#below(64));
    const value = isSigned
      ? BigInt.asIntN(Number(bits), drawn)
      : BigInt.asUintN(Number(bits), drawn);
    const json = this.#pick([`"${value}"`, String(value), `${value}.0`, `${value}.0e0`]);
    return [bits === 64n ? String(value) : Number(value), json];
  }

  #bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.#below(256)));
  }

  #shuffle<Element>(elements: Element[]): Element[] {
    for (let last = elements.length - 1; last > 0; last--) {
      const other = this.#below(last + 1);
      [elements[last], elements[other]] = [elements[other]!, elements[last]!];
    }
    return elements;
  }

  #pick<Element>(elements: readonly Element[]): Element {
    return elements[this.#below(elements.length)]!;
  }

  #below(count: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * count);
  }
}
