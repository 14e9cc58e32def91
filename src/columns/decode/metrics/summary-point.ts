/** Reads a SummaryDataPoint into the columns of metrics/1. */
import { failure, position } from '../wire/cursor.ts';
import { noteSingular } from '../wire/irregular.ts';
import { quantileMessage, summaryPointMessage } from '../wire/known-fields.ts';
import { skipField } from '../wire/skip-field.ts';
import { bytesType, fixed64Type, varintType, Wire } from '../wire/wire-reader.ts';
import { endPoint, readPointAttribute, readPointField, startPoint } from './data-point.ts';
import { count, flags, points, quantile, quantiles, quantileValue, sum } from './metric-columns.ts';

const countTag: u32 = (4 << 3) | fixed64Type;
const sumTag: u32 = (5 << 3) | fixed64Type;
const quantileValuesTag: u32 = (6 << 3) | bytesType;
const attributesTag: u32 = (7 << 3) | bytesType;
const flagsTag: u32 = (8 << 3) | varintType;

/** Fields of ValueAtQuantile. */
const quantileTag: u32 = (1 << 3) | fixed64Type;
const valueTag: u32 = (2 << 3) | fixed64Type;

export function readSummaryPoint(end: usize): void {
  if (!startPoint()) return;
  const row = points.rows;
  // Unlike that of histograms, the sum of a summary is always there.
  sum.setDouble(row, 0);
  let seen: u32 = 0;
  while (position < end) {
    const tag = Wire.readTag(end);
    switch (tag) {
      case attributesTag:
        readPointAttribute(end);
        break;
      case quantileValuesTag:
        readQuantile(Wire.readContentEnd(end));
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
    default:
      readPointField(tag, row, end, summaryPointMessage);
  }
}

function readQuantile(end: usize): void {
  if (!quantiles.reserveRow()) return;
  const row = quantiles.rows;
  quantile.setUint64(row, 0);
  quantileValue.setUint64(row, 0);
  let seen: u32 = 0;
  while (position < end) {
    const tag = Wire.readTag(end);
    seen = noteSingular(seen, tag);
    if (tag === quantileTag) quantile.setUint64(row, Wire.readFixed64(end));
    else if (tag === valueTag) quantileValue.setUint64(row, Wire.readFixed64(end));
    else skipField(tag, end, quantileMessage);
  }
  if (failure === 0) quantiles.rows++;
}
