/** Reads what the data points of all kinds share: a row, times, attributes. */

import { endObject, readAttribute, startObject } from '../value/json-object.ts';
import { failure } from '../wire/cursor.ts';
import { skipField } from '../wire/skip-field.ts';
import { fixed64Type } from '../wire/wire-reader.ts';
import {
  attributes,
  exemplarList,
  groupColumns,
  points,
  quantileList,
  startTime,
  time,
  value,
} from './metric-columns.ts';

const startTimeTag: u32 = (2 << 3) | fixed64Type;
const timeTag: u32 = (3 << 3) | fixed64Type;

/** Offset of the first attribute in the row's object. */
let contentStart: u32 = 0;

/** Begins a row without values. Returns false, and sets a failure, if there is no room for it. */
export function startPoint(): bool {
  if (!points.reserveRow()) return false;
  startTime.setUint64(points.rows, 0);
  time.setUint64(points.rows, 0);
  contentStart = startObject(attributes.text);
  return true;
}

export function readPointAttribute(end: usize): void {
  readAttribute(attributes.text, contentStart, end);
}

/**
 * Reads a field that has the same number in all kinds of points, or skips an unknown field of a
 * point of this kind (known-fields.ts).
 */
export function readPointField(tag: u32, row: u32, end: usize, message: u32): void {
  if (tag === timeTag) time.readTime(row, end);
  else if (tag === startTimeTag) startTime.readTime(row, end);
  else skipField(tag, end, message);
}

/**
 * Adds the row. After a failure it adds none, and the caller removes what was written by
 * truncating.
 */
export function endPoint(row: u32): void {
  endObject(attributes.text);
  if (failure !== 0) return;
  value.endRow(row);
  quantileList.endRow(row);
  exemplarList.endRow(row);
  attributes.endRow(row);
  groupColumns.endRow(row);
  points.rows++;
}
