/** The column `otlp_extra`: what the other columns cannot say, raw; docs/format/segment.md. */
import { Reader } from 'protobufjs/minimal.js';
import { CellFault } from '../column/cell-fault.ts';
import { type Columns, isNull, type TextValues } from '../column/columns.ts';

/** A part that is there takes the place of what the columns say of that level. */
export interface OtlpExtra {
  /** Of the request, what is no resource group. */
  readonly request?: Uint8Array;
  /** Of the resource group, what is neither the resource nor a scope group. */
  readonly resourceGroup?: Uint8Array;
  /** The whole Resource. */
  readonly resource?: Uint8Array;
  /** Of the scope group, what is neither the scope nor a record. */
  readonly scopeGroup?: Uint8Array;
  /** The whole InstrumentationScope. */
  readonly scope?: Uint8Array;
  /** The Metric but for its data points. */
  readonly metric?: Uint8Array;
  /** The whole Span, LogRecord or data point. */
  readonly record?: Uint8Array;
  /** A Metric without data points; the row is none. */
  readonly hasNoPoints?: boolean;
}

const columnName = 'otlp_extra';

/** By the fields' numbers. */
const partNames = [
  undefined,
  'request',
  'resourceGroup',
  'resource',
  'scopeGroup',
  'scope',
  'metric',
  'record',
] as const;

const noPointsTag = 8 << 3;
const bytesType = 2;

const nothing: OtlpExtra = {};

export class ExtraColumn {
  #texts!: TextValues;

  load(columns: Columns): void {
    this.#texts = columns.binaries(columnName);
  }

  /** What the row has; of ordinary rows nothing. */
  read(row: number): OtlpExtra {
    if (isNull(this.#texts, row)) return nothing;
    const { offsets, data } = this.#texts;
    return readParts(data.subarray(offsets[row], offsets[row + 1]));
  }
}

/** Parts stand in the order of their numbers, each at most once. */
function readParts(bytes: Uint8Array): OtlpExtra {
  const reader = Reader.create(bytes);
  const extra: Record<string, Uint8Array | boolean> = {};
  let lastTag = 0;
  while (reader.pos < reader.len) {
    const tag = readOrFail(() => reader.uint32());
    const name = partNames[tag >>> 3];
    if (tag <= lastTag) throw new CellFault(columnName, 'its parts are in no order');
    if (name !== undefined && (tag & 7) === bytesType) {
      extra[name] = readOrFail(() => reader.bytes());
    } else if (tag === noPointsTag) {
      extra['hasNoPoints'] = readOrFail(() => reader.bool());
    } else {
      throw new CellFault(columnName, 'it has an unknown part');
    }
    lastTag = tag;
  }
  return extra;
}

/** The reader throws errors of several kinds where the bytes end too early. */
function readOrFail<Value>(read: () => Value): Value {
  try {
    return read();
  } catch {
    throw new CellFault(columnName, 'it is cut short');
  }
}
