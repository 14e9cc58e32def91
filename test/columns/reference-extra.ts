/** Returns what `otlp_extra` must hold, from the bytes of a request alone; written for clarity. */
import { isUtf8 } from 'node:buffer';
import protobuf from 'protobufjs';
import { requestType } from '../../src/shared/otlp-messages.ts';
import type { Signal } from '../../src/shared/signal.ts';
import { field, join, noBytes, varintField } from './wire-writer.ts';

/** Field numbers of `otlp_extra`, in the order in which they are written. */
const partNumbers = {
  request: 1,
  resourceGroup: 2,
  resource: 3,
  scopeGroup: 4,
  scope: 5,
  metric: 6,
  record: 7,
} as const;
type PartName = keyof typeof partNumbers;

interface Parts extends Partial<Record<PartName, Buffer>> {
  noPoints?: true;
}

/** The parts of a row that stands for a Metric without points. */
const noPoints = varintField(8, 1);

/**
 * The singular field and the repeated field of resource groups and scope groups; a request has only
 * the latter.
 */
const resourceGroups = 1;
const one = 1;
const many = 2;
/** The field of each member of a Metric's `data` that holds points. */
const points = 1;

const lengthDelimited = 2;
const timeMax = 2n ** 63n - 2n;

/** Fields of the .proto files that have no column. */
const strangers = new Set(['entityRefs', 'keyStrindex', 'stringValueStrindex']);

/** Returns the value of each row, as hex or null. */
export function referenceExtra(signal: Signal, request: Uint8Array): (string | null)[] {
  const type = requestType(signal);
  const bytes = Buffer.from(request);
  const rows = contents(bytes, resourceGroups).flatMap((group) =>
    resourceGroupRows(contentType(type, resourceGroups), group),
  );
  keep(rows, 'request', fieldsBeside(type, bytes, [resourceGroups]));
  return rows.map(encode);
}

function resourceGroupRows(type: protobuf.Type, group: Buffer): Parts[] {
  const rows = contents(group, many).flatMap((scopeGroup) =>
    scopeGroupRows(contentType(type, many), scopeGroup),
  );
  keep(rows, 'resourceGroup', fieldsBeside(type, group, [one, many]));
  keep(rows, 'resource', merged(contentType(type, one), contents(group, one)));
  return rows;
}

function scopeGroupRows(type: protobuf.Type, group: Buffer): Parts[] {
  const record = contentType(type, many);
  const toRows = record.name === 'Metric' ? metricRows : recordRow;
  const rows = contents(group, many).flatMap((content) => toRows(record, content));
  keep(rows, 'scopeGroup', fieldsBeside(type, group, [one, many]));
  keep(rows, 'scope', merged(contentType(type, one), contents(group, one)));
  return rows;
}

function recordRow(type: protobuf.Type, content: Buffer): Parts[] {
  return [isRegular(type, content) ? {} : { record: content }];
}

/** Returns one row for each point, or one row that marks a Metric without points. */
function metricRows(type: protobuf.Type, metric: Buffer): Parts[] {
  const rows = lastData(type, metric).flatMap(({ number, content }) => {
    const point = contentType(contentType(type, number), points);
    return contents(content, points).flatMap((bytes) => recordRow(point, bytes));
  });
  if (rows.length === 0) rows.push({ noPoints: true });
  const shell = withoutPoints(type, metric);
  keep(rows, 'metric', isRegular(type, shell) ? undefined : shell);
  return rows;
}

/**
 * Returns the occurrences that form the member of `data` that counts: the last ones, all of one
 * number.
 */
function lastData(type: protobuf.Type, metric: Buffer): RawField[] {
  const data = readFields(metric).filter((raw) => isData(type, raw));
  const others = data.findLastIndex(({ number }) => number !== data.at(-1)?.number);
  return data.slice(others + 1);
}

function withoutPoints(type: protobuf.Type, metric: Buffer): Buffer {
  const parts = readFields(metric).map((raw) => {
    if (!isData(type, raw)) return raw.raw;
    return field(raw.number, join(...fieldsWithout(raw.content, [points])));
  });
  return join(...parts);
}

function isData(type: protobuf.Type, { number, wireType }: RawField): boolean {
  return type.fieldsById[number]?.partOf?.name === 'data' && wireType === lengthDelimited;
}

/** Puts what concerns several rows on the first of them. */
function keep(rows: readonly Parts[], part: PartName, bytes: Buffer | undefined): void {
  if (rows[0] !== undefined && bytes !== undefined) rows[0][part] = bytes;
}

/**
 * Returns the raw fields of a message without some of its messages; undefined if they are regular.
 */
function fieldsBeside(
  type: protobuf.Type,
  message: Buffer,
  numbers: readonly number[],
): Buffer | undefined {
  const bytes = join(...fieldsWithout(message, numbers));
  return isRegular(type, bytes) ? undefined : bytes;
}

function fieldsWithout(message: Buffer, numbers: readonly number[]): Buffer[] {
  return readFields(message)
    .filter(({ number, wireType }) => wireType !== lengthDelimited || !numbers.includes(number))
    .map(({ raw }) => raw);
}

/**
 * Merges the occurrences of a message; returns undefined if there is only one and it is regular.
 */
function merged(type: protobuf.Type, occurrences: readonly Buffer[]): Buffer | undefined {
  const bytes = join(...occurrences);
  return occurrences.length < 2 && isRegular(type, bytes) ? undefined : bytes;
}

function encode(parts: Parts): string | null {
  const fields = Object.entries(partNumbers).map(([part, number]) => {
    const bytes = parts[part as PartName];
    return bytes === undefined ? noBytes : field(number, bytes);
  });
  return join(...fields, parts.noPoints ? noPoints : noBytes).toString('hex') || null;
}

/**
 * True if the columns can represent the whole message. The value that is the body of a log record
 * has a type column beside its text; values in JSON have none.
 */
function isRegular(type: protobuf.Type, message: Buffer, isBody = false): boolean {
  const seen = new Set<string>();
  for (const raw of readFields(message)) {
    const known = type.fieldsById[raw.number];
    if (known === undefined || strangers.has(known.name)) return false;
    if (!hasWireTypeOf(known, raw) || !isRegularValue(known, raw, isBody)) return false;
    const place = known.partOf?.name ?? known.name;
    if (!known.repeated && seen.has(place)) return false;
    seen.add(place);
  }
  return type.name !== 'KeyValue' || seen.has('value');
}

function isRegularValue(known: protobuf.Field, { content }: RawField, isBody: boolean): boolean {
  const { name, resolvedType } = known;
  if (resolvedType instanceof protobuf.Type)
    return isRegular(resolvedType, content, name === 'body');
  if (known.type === 'string') return isUtf8(content);
  if (name.endsWith('UnixNano')) return content.readBigUInt64LE() <= timeMax;
  if (name === 'doubleValue') return isBody || Number.isFinite(content.readDoubleLE());
  return isBody || name !== 'bytesValue';
}

/** A repeated field of numbers may be packed. */
function hasWireTypeOf(known: protobuf.Field, { wireType }: RawField): boolean {
  const isPacked = known.repeated && wireType === lengthDelimited;
  return wireType === wireTypeOf(known) || (isPacked && known.type in protobuf.types.packed);
}

function wireTypeOf({ type, resolvedType }: protobuf.Field): number {
  if (resolvedType instanceof protobuf.Enum) return 0;
  return protobuf.types.basic[type as keyof typeof protobuf.types.basic] ?? lengthDelimited;
}

function contentType(type: protobuf.Type, number: number): protobuf.Type {
  const { resolvedType } = type.fieldsById[number]!;
  if (!(resolvedType instanceof protobuf.Type)) throw new Error(`field ${number} is no message`);
  return resolvedType;
}

/** Returns the contents of all fields of a message with this number. */
function contents(message: Buffer, number: number): Buffer[] {
  return readFields(message)
    .filter((raw) => raw.number === number && raw.wireType === lengthDelimited)
    .map(({ content }) => content);
}

interface RawField {
  readonly number: number;
  readonly wireType: number;
  /** The field with its tag. */
  readonly raw: Buffer;
  /** The field without its tag and its length, if it has one. */
  readonly content: Buffer;
}

function readFields(message: Buffer): RawField[] {
  const reader = protobuf.Reader.create(message);
  const fields: RawField[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const tag = reader.tag();
    let contentStart = reader.pos;
    if ((tag & 7) === lengthDelimited) {
      const length = reader.size();
      contentStart = reader.pos;
      reader.skip(length);
    } else {
      reader.skipType(tag & 7, 0, tag >>> 3);
    }
    const raw = message.subarray(start, reader.pos);
    const content = message.subarray(contentStart, reader.pos);
    fields.push({ number: tag >>> 3, wireType: tag & 7, raw, content });
  }
  return fields;
}
