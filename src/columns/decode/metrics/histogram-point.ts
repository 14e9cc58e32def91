/** Reads a HistogramDataPoint into the columns of metrics/1. */
import { position } from '../wire/cursor.ts';
import { noteSingular } from '../wire/irregular.ts';
import { histogramPointMessage } from '../wire/known-fields.ts';
import { bytesType, fixed64Type, varintType, Wire } from '../wire/wire-reader.ts';
import { endPoint, readPointAttribute, readPointField, startPoint } from './data-point.ts';
import { readExemplar } from './exemplar.ts';
import {
  bucketCounts,
  count,
  explicitBounds,
  flags,
  maximum,
  minimum,
  points,
  sum,
} from './metric-columns.ts';

const countTag: u32 = (4 << 3) | fixed64Type;
const sumTag: u32 = (5 << 3) | fixed64Type;
const bucketCountsTag: u32 = (6 << 3) | fixed64Type;
const packedBucketCountsTag: u32 = (6 << 3) | bytesType;
const explicitBoundsTag: u32 = (7 << 3) | fixed64Type;
const packedExplicitBoundsTag: u32 = (7 << 3) | bytesType;
const exemplarsTag: u32 = (8 << 3) | bytesType;
const attributesTag: u32 = (9 << 3) | bytesType;
const flagsTag: u32 = (10 << 3) | varintType;
const minTag: u32 = (11 << 3) | fixed64Type;
const maxTag: u32 = (12 << 3) | fixed64Type;

export function readHistogramPoint(end: usize): void {
  if (!startPoint()) return;
  const row = points.rows;
  bucketCounts.startRow(row);
  explicitBounds.startRow(row);
  let seen: u32 = 0;
  while (position < end) {
    const tag = Wire.readTag(end);
    switch (tag) {
      case attributesTag:
        readPointAttribute(end);
        break;
      case packedBucketCountsTag:
        bucketCounts.readPackedFixed64(end);
        break;
      case bucketCountsTag:
        bucketCounts.readFixed64(end);
        break;
      case packedExplicitBoundsTag:
        explicitBounds.readPackedFixed64(end);
        break;
      case explicitBoundsTag:
        explicitBounds.readFixed64(end);
        break;
      case exemplarsTag:
        readExemplar(Wire.readContentEnd(end));
        break;
      default:
        seen = noteSingular(seen, tag);
        readSingular(tag, row, end);
    }
  }
  endPoint(row);
}

function readSingular(tag: u32, row: u32, end: usize): void {
  switch (tag) {
    case countTag:
      count.readFixed64(row, end);
      break;
    case sumTag:
      sum.readDouble(row, end);
      break;
    case flagsTag:
      flags.readVarint32(row, end);
      break;
    case minTag:
      minimum.readDouble(row, end);
      break;
    case maxTag:
      maximum.readDouble(row, end);
      break;
    default:
      readPointField(tag, row, end, histogramPointMessage);
  }
}
