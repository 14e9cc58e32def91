/**
 * Reads the column `otlp_extra`: what the other columns cannot represent, as it was sent. See
 * docs/format/segment.md.
 */
import { Reader } from 'protobufjs/minimal.js';
import { CellFault } from '../column/cell-fault.ts';
import { type Columns, isNull, type TextValues } from '../column/columns.ts';

/**
 * The parts of one row. A part replaces what the columns hold for its level. The arrays are views
 * of the batch: copy them to keep them.
 */
export interface OtlpExtra {
  /** The fields of the request that are not resource groups. */
  readonly request?: Uint8Array;
  /** The fields of the resource group that are neither the resource nor a scope group. */
  readonly resourceGroup?: Uint8Array;
  /** The whole Resource. */
  readonly resource?: Uint8Array;
  /** The fields of the scope group that are neither the scope nor a record. */
  readonly scopeGroup?: Uint8Array;
  /** The whole InstrumentationScope. */
  readonly scope?: Uint8Array;
  /** The Metric without its data points. */
  readonly metric?: Uint8Array;
  /** The whole Span, LogRecord or data point. */
  readonly record?: Uint8Array;
  /** True if the row stands for a Metric without data points. */
  readonly hasNoPoints?: boolean;
}

const columnName = 'otlp_extra';

/** Names of the parts by field number. */
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

  /** Returns the parts of the row; an ordinary row has none. */
  read(row: number): OtlpExtra {
    if (isNull(this.#texts, row)) return nothing;
    const { offsets, data } = this.#texts;
    return readParts(data.subarray(offsets[row], offsets[row + 1]));
  }
}

/** Reads the parts, which must be in ascending order, each at most once. */
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

/**
 * Turns the errors that the reader throws for truncated bytes, which are of several kinds, into a
 * CellFault.
 */
function readOrFail<Value>(read: () => Value): Value {
  try {
    return read();
  } catch {
    throw new CellFault(columnName, 'it is cut short');
  }
}
