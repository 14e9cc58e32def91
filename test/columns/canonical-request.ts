/** Returns the canonical encoding of a request, from its bytes and the .proto files alone. */
import protobuf from 'protobufjs';
import { requestType } from '../../src/shared/otlp-messages.ts';
import type { Signal } from '../../src/shared/signal.ts';
import { type Bytes, field, join, tag, varint } from './wire-writer.ts';

/*
 * Fields ascend; varints are shortest; defaults without presence are left out; numbers that repeat
 * are packed; what comes twice and may come once is merged, or the last one stands; a oneof has the
 * member that was set last; every NaN is the same one. Unknown fields stay, in the order in which
 * they came. Groups without a record are left out with all that they hold.
 */

const varintType = 0;
const fixed64Type = 1;
const bytesType = 2;
const groupType = 3;
const groupEndType = 4;
const fixed32Type = 5;

/** The group fields of a request, from the outer to the inner. */
const groupNames = /^(Resource|Scope)(Spans|Metrics|Logs)$/;
const groupItems = 2;

interface RawField {
  readonly number: number;
  readonly wireType: number;
  /** The value of a varint. */
  readonly value: bigint;
  /** The bytes without tag and length, for all other types except groups. */
  readonly content: Bytes;
  /** The fields of a group. */
  readonly fields: readonly RawField[];
}

export function canonicalRequest(signal: Signal, request: Uint8Array): Bytes {
  return encodeMessage(requestType(signal), readFields(Buffer.from(request)));
}

/** The occurrences of a field, in order; of a oneof only the last. */
type Settings = Map<protobuf.Field, RawField[]>;

function encodeMessage(type: protobuf.Type, fields: readonly RawField[]): Bytes {
  const known: Settings = new Map();
  const pieces: { readonly number: number; readonly bytes: Bytes }[] = [];
  for (const raw of fields) {
    const match = knownField(type, raw);
    if (match === undefined) pieces.push({ number: raw.number, bytes: encodeUnknown(raw) });
    else addSetting(known, match, raw);
  }
  const encoded = [...known].map(([match, settings]) => {
    return { number: match.id, bytes: encodeField(match, settings) };
  });
  // The sort is stable: among equal numbers the known field comes first, then unknown fields in
  // their order.
  return join(...[...encoded, ...pieces].sort((a, b) => a.number - b.number).map((p) => p.bytes));
}

/** Returns undefined for a field that the message does not have in this form. */
function knownField(type: protobuf.Type, raw: RawField): protobuf.Field | undefined {
  const match = type.fieldsById[raw.number];
  // The decoder does not read inside these messages.
  if (match === undefined || match.name === 'entityRefs') return undefined;
  const wireType = wireTypeOf(match);
  const isPacked = match.repeated && raw.wireType === bytesType;
  return raw.wireType === wireType || isPacked ? match : undefined;
}

function addSetting(known: Settings, match: protobuf.Field, raw: RawField): void {
  for (const other of match.partOf?.fieldsArray ?? []) {
    if (other !== match) known.delete(other);
  }
  known.set(match, [...(known.get(match) ?? []), raw]);
}

function encodeField(match: protobuf.Field, settings: readonly RawField[]): Bytes {
  const { resolvedType } = match;
  if (resolvedType instanceof protobuf.Type) return encodeMessages(match, resolvedType, settings);
  if (match.repeated) return encodePacked(match, settings);
  const value = encodeScalar(match, settings.at(-1)!);
  const isDefault = value.every((byte) => byte === 0) && match.partOf === null;
  if (wireTypeOf(match) !== bytesType) {
    return isDefault ? Buffer.alloc(0) : join(tag(match.id, wireTypeOf(match)), value);
  }
  return value.length === 0 && match.partOf === null ? Buffer.alloc(0) : field(match.id, value);
}

function encodeMessages(
  match: protobuf.Field,
  type: protobuf.Type,
  settings: readonly RawField[],
): Bytes {
  const contents = settings.map(({ content }) => readFields(content));
  const messages = match.repeated ? contents : [contents.flat()];
  const kept = messages.filter((fields) => !groupNames.test(type.name) || hasRows(type, fields));
  return join(...kept.map((fields) => field(match.id, encodeMessage(type, fields))));
}

/** True if a group has a record. A Metric counts even without data points. */
function hasRows(type: protobuf.Type, fields: readonly RawField[]): boolean {
  const items = fields.filter((raw) => knownField(type, raw)?.id === groupItems);
  const below = type.fieldsById[groupItems]?.resolvedType;
  if (!(below instanceof protobuf.Type) || !groupNames.test(below.name)) return items.length > 0;
  return items.some(({ content }) => hasRows(below, readFields(content)));
}

function encodePacked(match: protobuf.Field, settings: readonly RawField[]): Bytes {
  const values = settings.flatMap((raw) => {
    return raw.wireType === bytesType ? unpack(match, raw.content) : [raw];
  });
  if (values.length === 0) return Buffer.alloc(0);
  return field(match.id, join(...values.map((raw) => encodeScalar(match, raw))));
}

function unpack(match: protobuf.Field, content: Bytes): RawField[] {
  const reader = { bytes: content, position: 0 };
  const values: RawField[] = [];
  while (reader.position < content.length) {
    values.push(readValue(reader, match.id, wireTypeOf(match)));
  }
  return values;
}

function encodeScalar(match: protobuf.Field, { value, content }: RawField): Bytes {
  if (match.resolvedType instanceof protobuf.Enum) return varint(BigInt.asIntN(32, value));
  switch (match.type) {
    case 'int32':
      return varint(BigInt.asIntN(32, value));
    case 'uint32':
    case 'sint32':
      return varint(BigInt.asUintN(32, value));
    case 'int64':
    case 'uint64':
      return varint(value);
    case 'bool':
      return varint(value === 0n ? 0 : 1);
    case 'double':
      return Number.isNaN(content.readDoubleLE()) ? oneNaN : content;
    default:
      return content;
  }
}

const oneNaN = Buffer.alloc(8);
oneNaN.writeDoubleLE(NaN);

function encodeUnknown({ number, wireType, value, content, fields }: RawField): Bytes {
  if (wireType === varintType) return join(tag(number, wireType), varint(value));
  if (wireType === bytesType) return field(number, content);
  if (wireType !== groupType) return join(tag(number, wireType), content);
  const inner = fields.map(encodeUnknown);
  return join(tag(number, groupType), ...inner, tag(number, groupEndType));
}

function wireTypeOf({ type, resolvedType }: protobuf.Field): number {
  if (resolvedType instanceof protobuf.Enum) return varintType;
  if (resolvedType !== null) return bytesType;
  return protobuf.types.basic[type as keyof typeof protobuf.types.basic];
}

interface ByteReader {
  readonly bytes: Bytes;
  position: number;
}

function readFields(bytes: Bytes): RawField[] {
  const reader = { bytes, position: 0 };
  const fields: RawField[] = [];
  while (reader.position < bytes.length) fields.push(readField(reader));
  return fields;
}

function readField(reader: ByteReader): RawField {
  const fieldTag = Number(readVarint(reader));
  return readValue(reader, Math.floor(fieldTag / 8), fieldTag % 8);
}

function readValue(reader: ByteReader, number: number, wireType: number): RawField {
  const raw = { number, wireType, value: 0n, content: Buffer.alloc(0), fields: [] };
  switch (wireType) {
    case varintType:
      return { ...raw, value: readVarint(reader) };
    case fixed64Type:
      return { ...raw, content: take(reader, 8) };
    case bytesType:
      return { ...raw, content: take(reader, Number(readVarint(reader))) };
    case fixed32Type:
      return { ...raw, content: take(reader, 4) };
    case groupType:
      return { ...raw, fields: readGroup(reader) };
    default:
      throw new RangeError(`no wire type ${wireType}`);
  }
}

function readGroup(reader: ByteReader): RawField[] {
  const fields: RawField[] = [];
  for (;;) {
    const fieldTag = Number(readVarint(reader));
    if (fieldTag % 8 === groupEndType) return fields;
    fields.push(readValue(reader, Math.floor(fieldTag / 8), fieldTag % 8));
  }
}

/** Bits beyond the 64th are dropped. */
function readVarint(reader: ByteReader): bigint {
  let value = 0n;
  for (let shift = 0n; ; shift += 7n) {
    const byte = take(reader, 1)[0]!;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asUintN(64, value);
  }
}

function take(reader: ByteReader, bytes: number): Bytes {
  const end = reader.position + bytes;
  if (end > reader.bytes.length) throw new RangeError('the bytes end too early');
  const content = reader.bytes.subarray(reader.position, end);
  reader.position = end;
  return content;
}
