/** The columns of a signal as the tests read them: names and kinds, from the archive's schema. */
import { DataType, type Field } from 'apache-arrow';
import { archiveSchema } from '../../src/columns/schema.ts';
import type { Signal } from '../../src/shared/signal.ts';

export type ColumnKind = 'i32' | 'u32' | 'i64' | 'u64' | 'f64' | 'bool' | 'text' | 'binary';

export interface ListType {
  readonly items: ColumnTypes | ColumnKind;
}

export interface ColumnTypes {
  readonly [column: string]: ColumnKind | ListType;
}

const origin = { writer: 'otlp-archer test', recorder: '6f1b0d7e-9d1c-4c53-8f6d-0a2f7a1f2b3c' };

export function columnTypes(signal: Signal): ColumnTypes {
  return typesOf(archiveSchema(signal, origin).fields);
}

export function columnNames(signal: Signal): string[] {
  return archiveSchema(signal, origin).fields.map(({ name }) => name);
}

function typesOf(fields: readonly Field[]): ColumnTypes {
  return Object.fromEntries(fields.map(({ name, type }) => [name, typeOf(type)]));
}

function typeOf(type: DataType): ColumnKind | ListType {
  if (!DataType.isList(type)) return kindOf(type);
  const item: DataType = type.valueType;
  return { items: DataType.isStruct(item) ? typesOf(item.children) : kindOf(item) };
}

function kindOf(type: DataType): ColumnKind {
  if (DataType.isUtf8(type)) return 'text';
  if (DataType.isBinary(type)) return 'binary';
  if (DataType.isBool(type)) return 'bool';
  if (DataType.isFloat(type)) return 'f64';
  if (DataType.isTimestamp(type)) return 'i64';
  if (!DataType.isInt(type)) throw new Error(`no column is a ${type}`);
  return `${type.isSigned ? 'i' : 'u'}${type.bitWidth as 32 | 64}`;
}
