/** Reads a NumberDataPoint into the columns of metrics/1. */
import { position } from '../wire/cursor.ts';
import { noteSingular } from '../wire/irregular.ts';
import { numberPointMessage } from '../wire/known-fields.ts';
import { bytesType, fixed64Type, varintType, Wire } from '../wire/wire-reader.ts';
import { endPoint, readPointAttribute, readPointField, startPoint } from './data-point.ts';
import { readExemplar } from './exemplar.ts';
import { flags, points, value } from './metric-columns.ts';

const asDoubleTag: u32 = (4 << 3) | fixed64Type;
const exemplarsTag: u32 = (5 << 3) | bytesType;
const asIntTag: u32 = (6 << 3) | fixed64Type;
const attributesTag: u32 = (7 << 3) | bytesType;
const flagsTag: u32 = (8 << 3) | varintType;

export function readNumberPoint(end: usize): void {
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
        // The two members of `value` are one field: a second one takes the place of the first.
        seen = noteSingular(seen, tag === asIntTag ? asDoubleTag : tag);
        readSingular(tag, row, end);
    }
  }
  endPoint(row);
}

function readSingular(tag: u32, row: u32, end: usize): void {
  switch (tag) {
    case asDoubleTag:
      value.readDouble(row, end);
      break;
    case asIntTag:
      value.readInt(row, end);
      break;
    case flagsTag:
      flags.readVarint32(row, end);
      break;
    default:
      readPointField(tag, row, end, numberPointMessage);
  }
}
