/** Reads a schema message: the columns at all depths, and the schema's own metadata. */

import { type FlatbufferTable, MetadataFault } from './flatbuffer-table.ts';
import { headerType } from './ipc-format.ts';
import { readEntries, readHeader } from './message-header.ts';

/** How a column is stored in buffers; see docs/format/record-batch.md. */
export type ColumnShape = 'fixed' | 'text' | 'bytes' | 'list' | 'struct';

export interface ArrowField {
  readonly name: string;
  /** The displayed type: `int64`, `timestamp(ns)`, `utf8`, `list`. */
  readonly type: string;
  readonly shape: ColumnShape;
  /** Size of one value, in bits, if the shape is `fixed`; otherwise 0. */
  readonly bits: number;
  readonly isNullable: boolean;
  /** The items of a list, or the members of a struct. */
  readonly children: readonly ArrowField[];
}

export interface ArrowSchema {
  readonly fields: readonly ArrowField[];
  readonly metadata: ReadonlyMap<string, string>;
}

/** The fields of Arrow's tables by their index. */
const schemaField = { endianness: 0, fields: 1, customMetadata: 2, features: 3 } as const;
const fieldField = {
  name: 0,
  nullable: 1,
  typeType: 2,
  type: 3,
  dictionary: 4,
  children: 5,
  customMetadata: 6,
} as const;
const intField = { bitWidth: 0, isSigned: 1 } as const;
const floatingPointField = { precision: 0 } as const;
const timestampField = { unit: 0, timezone: 1 } as const;

/** Many times the number of columns of the widest signal, including children. */
const fieldCountMax = 4096;

/** A list of structs has a depth of 3. */
const fieldDepthMax = 16;

/** Returns the schema of a message, or one phrase that says what is wrong with it. */
export function readArrowSchema(metadata: Uint8Array): ArrowSchema | string {
  try {
    return toSchema(readHeader(metadata, headerType.schema));
  } catch (error) {
    if (error instanceof MetadataFault) return error.message;
    throw error;
  }
}

/** One line for each column, outermost first: `events.item.time: timestamp(ns)?`. */
export function columnLines(fields: readonly ArrowField[], prefix = ''): string[] {
  return fields.flatMap(({ name, type, isNullable, children }) => {
    const line = `${prefix}${name}: ${type}${isNullable ? '?' : ''}`;
    return [line, ...columnLines(children, `${prefix}${name}.`)];
  });
}

function toSchema(schema: FlatbufferTable): ArrowSchema {
  if (schema.int16(schemaField.endianness) !== 0) throw new MetadataFault('it is big-endian');
  if (schema.has(schemaField.features)) throw new MetadataFault('it sets features');
  let left = fieldCountMax;
  const readFields = (parent: FlatbufferTable, place: number, depth: number): ArrowField[] => {
    if (depth > fieldDepthMax) throw new MetadataFault('its columns nest too deep');
    const tables = parent.tables(place, left);
    left -= tables.length;
    return tables.map((field) => toField(field, readFields(field, fieldField.children, depth + 1)));
  };
  const fields = readFields(schema, schemaField.fields, 1);
  return { fields, metadata: readEntries(schema, schemaField.customMetadata) };
}

function toField(field: FlatbufferTable, children: readonly ArrowField[]): ArrowField {
  const name = field.text(fieldField.name);
  if (field.has(fieldField.dictionary) || field.has(fieldField.customMetadata)) {
    throw new MetadataFault(`its column ${name} has a dictionary or metadata`);
  }
  const type = toType(field);
  if (type === undefined) {
    throw new MetadataFault(`its column ${name} has a type that no column of Archer has`);
  }
  const countMax = { struct: fieldCountMax, list: 1, fixed: 0, text: 0, bytes: 0 }[type.shape];
  if (children.length > countMax || (type.shape === 'list' && children.length === 0)) {
    throw new MetadataFault(`its column ${name} has ${children.length} children`);
  }
  return { name, ...type, isNullable: field.int8(fieldField.nullable) !== 0, children };
}

type ColumnType = Pick<ArrowField, 'type' | 'shape' | 'bits'>;

/** Keys are the numbers of Arrow's union Type. */
const columnTypes: Readonly<Record<number, (details: FlatbufferTable) => ColumnType | undefined>> =
  {
    2: toIntType,
    3: toFloatType,
    4: () => ({ type: 'binary', shape: 'bytes', bits: 0 }),
    5: () => ({ type: 'utf8', shape: 'text', bits: 0 }),
    6: () => ({ type: 'bool', shape: 'fixed', bits: 1 }),
    10: toTimestampType,
    12: () => ({ type: 'list', shape: 'list', bits: 0 }),
    13: () => ({ type: 'struct', shape: 'struct', bits: 0 }),
  };

/** Undefined for a type that no column of the archive has. */
function toType(field: FlatbufferTable): ColumnType | undefined {
  const details = field.table(fieldField.type);
  return details && columnTypes[field.int8(fieldField.typeType)]?.(details);
}

function toIntType(details: FlatbufferTable): ColumnType | undefined {
  const bits = details.int32(intField.bitWidth);
  if (![8, 16, 32, 64].includes(bits)) return undefined;
  const sign = details.int8(intField.isSigned) === 0 ? 'u' : '';
  return { type: `${sign}int${bits}`, shape: 'fixed', bits };
}

/** Indexes are the numbers of Arrow's enums Precision and TimeUnit. */
const floatBits: readonly number[] = [16, 32, 64];
const timeUnits: readonly string[] = ['s', 'ms', 'us', 'ns'];

function toFloatType(details: FlatbufferTable): ColumnType | undefined {
  const bits = floatBits[details.int16(floatingPointField.precision)];
  return bits === undefined ? undefined : { type: `float${bits}`, shape: 'fixed', bits };
}

function toTimestampType(details: FlatbufferTable): ColumnType | undefined {
  const unit = timeUnits[details.int16(timestampField.unit)];
  if (unit === undefined) return undefined;
  const zone = details.text(timestampField.timezone);
  const type = zone === '' ? `timestamp(${unit})` : `timestamp(${unit}, ${zone})`;
  return { type, shape: 'fixed', bits: 64 };
}
