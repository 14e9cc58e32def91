/** Protobuf bytes built by hand, so that tests can create what no encoder would. */

export type Bytes = Buffer;

export const noBytes: Bytes = Buffer.alloc(0);

export function join(...parts: readonly Uint8Array[]): Bytes {
  return Buffer.concat(parts);
}

/** The shortest varint of a number of 64 bits; negative ones as ten bytes. */
export function varint(value: bigint | number): Bytes {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}

/** Returns the same number in more bytes than it needs. */
export function longVarint(value: bigint | number, byteCount: number): Bytes {
  const short = varint(value);
  const padding = Buffer.alloc(byteCount - short.length, 0x80);
  padding[padding.length - 1] = 0;
  short[short.length - 1]! |= 0x80;
  return join(short, padding);
}

export function tag(field: number, wireType: number): Bytes {
  return varint(BigInt(field) * 8n + BigInt(wireType));
}

export function varintField(field: number, value: bigint | number): Bytes {
  return join(tag(field, 0), varint(value));
}

export function fixed64Field(field: number, value: bigint | number): Bytes {
  const content = Buffer.alloc(8);
  content.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
  return join(tag(field, 1), content);
}

export function doubleField(field: number, value: number): Bytes {
  const content = Buffer.alloc(8);
  content.writeDoubleLE(value);
  return join(tag(field, 1), content);
}

export function fixed32Field(field: number, value: number): Bytes {
  const content = Buffer.alloc(4);
  content.writeUInt32LE(value);
  return join(tag(field, 5), content);
}

/** Returns a field of text, bytes or a message. */
export function field(number: number, content: Uint8Array | string): Bytes {
  const bytes = Buffer.from(content as string);
  return join(tag(number, 2), varint(bytes.length), bytes);
}

/** Returns a message as a field, from its own fields. */
export function message(number: number, ...fields: readonly Uint8Array[]): Bytes {
  return field(number, join(...fields));
}

export function group(number: number, ...fields: readonly Uint8Array[]): Bytes {
  return join(tag(number, 3), ...fields, tag(number, 4));
}

/** Returns the content of a KeyValue with a string value. */
export function stringAttribute(key: string, value: Uint8Array | string): Bytes {
  return join(field(1, key), message(2, field(1, value)));
}

/** Returns the content of a KeyValue; `value` is the content of its AnyValue. */
export function attribute(key: string, value: Uint8Array): Bytes {
  return join(field(1, key), field(2, value));
}

/** Returns a request with one resource group, one scope group and spans with these contents. */
export function requestOf(...spans: readonly Uint8Array[]): Bytes {
  return message(1, message(2, ...spans.map((span) => field(2, span))));
}
