/** Reads an ExponentialHistogramDataPoint into the columns of metrics/1. */

import { NumberListColumn } from '../column/number-list-column.ts';
import { SparseColumn } from '../column/sparse-column.ts';
import { position } from '../wire/cursor.ts';
import { noteSingular } from '../wire/irregular.ts';
import { bucketsMessage, exponentialPointMessage } from '../wire/known-fields.ts';
import { skipField } from '../wire/skip-field.ts';
import { bytesType, fixed64Type, varintType, Wire } from '../wire/wire-reader.ts';
import { endPoint, readPointAttribute, readPointField, startPoint } from './data-point.ts';
import { readExemplar } from './exemplar.ts';
import {
  count,
  flags,
  maximum,
  minimum,
  negativeBucketCounts,
  negativeOffset,
  points,
  positiveBucketCounts,
  positiveOffset,
  scale,
  sum,
  zeroCount,
  zeroThreshold,
} from './metric-columns.ts';

const attributesTag: u32 = (1 << 3) | bytesType;
const countTag: u32 = (4 << 3) | fixed64Type;
const sumTag: u32 = (5 << 3) | fixed64Type;
const scaleTag: u32 = (6 << 3) | varintType;
const zeroCountTag: u32 = (7 << 3) | fixed64Type;
const positiveTag: u32 = (8 << 3) | bytesType;
const negativeTag: u32 = (9 << 3) | bytesType;
const flagsTag: u32 = (10 << 3) | varintType;
const exemplarsTag: u32 = (11 << 3) | bytesType;
const minTag: u32 = (12 << 3) | fixed64Type;
const maxTag: u32 = (13 << 3) | fixed64Type;
const zeroThresholdTag: u32 = (14 << 3) | fixed64Type;

/** Fields of Buckets. */
const offsetTag: u32 = (1 << 3) | varintType;
const bucketCountsTag: u32 = (2 << 3) | varintType;
const packedBucketCountsTag: u32 = (2 << 3) | bytesType;

export function readExponentialPoint(end: usize): void {
  if (!startPoint()) return;
  const row = points.rows;
  let seen: u32 = 0;
  while (position < end) {
    const tag = Wire.readTag(end);
    switch (tag) {
      case attributesTag:
        readPointAttribute(end);
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
    case scaleTag:
      scale.readZigzag32(row, end);
      break;
    case zeroCountTag:
      zeroCount.readFixed64(row, end);
      break;
    case positiveTag:
      readBuckets(positiveOffset, positiveBucketCounts, row, Wire.readContentEnd(end));
      break;
    case negativeTag:
      readBuckets(negativeOffset, negativeBucketCounts, row, Wire.readContentEnd(end));
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
    case zeroThresholdTag:
      zeroThreshold.readFixed64(row, end);
      break;
    default:
      readPointField(tag, row, end, exponentialPointMessage);
  }
}

/** Reads a Buckets. Protobuf merges a second Buckets of the same sign with the first. */
function readBuckets(
  offsets: SparseColumn,
  bucketCounts: NumberListColumn,
  row: u32,
  end: usize,
): void {
  bucketCounts.startRow(row);
  let seen: u32 = 0;
  while (position < end) {
    const tag = Wire.readTag(end);
    switch (tag) {
      case bucketCountsTag:
        bucketCounts.readVarint(end);
        break;
      case packedBucketCountsTag:
        bucketCounts.readPackedVarint(end);
        break;
      case offsetTag:
        seen = noteSingular(seen, tag);
        offsets.readZigzag32(row, end);
        break;
      default:
        skipField(tag, end, bucketsMessage);
    }
  }
}
