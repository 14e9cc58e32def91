/** Reads an Exemplar into the columns of exemplars. */

import { endObject, readAttribute, startObject } from '../value/json-object.ts';
import { failure, position } from '../wire/cursor.ts';
import { noteSingular } from '../wire/irregular.ts';
import { exemplarMessage } from '../wire/known-fields.ts';
import { skipField } from '../wire/skip-field.ts';
import { bytesType, fixed64Type, Wire } from '../wire/wire-reader.ts';
import {
  exemplarAttributes,
  exemplarSpanId,
  exemplars,
  exemplarTime,
  exemplarTraceId,
  exemplarValue,
} from './metric-columns.ts';

const timeTag: u32 = (2 << 3) | fixed64Type;
const asDoubleTag: u32 = (3 << 3) | fixed64Type;
const spanIdTag: u32 = (4 << 3) | bytesType;
const traceIdTag: u32 = (5 << 3) | bytesType;
const asIntTag: u32 = (6 << 3) | fixed64Type;
const filteredAttributesTag: u32 = (7 << 3) | bytesType;

export function readExemplar(end: usize): void {
  if (!exemplars.reserveRow()) return;
  const row = exemplars.rows;
  exemplarTime.setUint64(row, 0);
  const attributesText = exemplarAttributes.text;
  const contentStart = startObject(attributesText);
  let seen: u32 = 0;
  while (position < end) {
    const tag = Wire.readTag(end);
    if (tag === filteredAttributesTag) {
      readAttribute(attributesText, contentStart, end);
      continue;
    }
    // The two members of `value` are one field: a second one takes the place of the first.
    seen = noteSingular(seen, tag === asIntTag ? asDoubleTag : tag);
    readScalar(tag, row, end);
  }
  endObject(attributesText);
  if (failure !== 0) return;
  exemplarValue.endRow(row);
  exemplarTraceId.endRow(row);
  exemplarSpanId.endRow(row);
  exemplarAttributes.endRow(row);
  exemplars.rows++;
}

function readScalar(tag: u32, row: u32, end: usize): void {
  switch (tag) {
    case timeTag:
      exemplarTime.readTime(row, end);
      break;
    case asDoubleTag:
      exemplarValue.readDouble(row, end);
      break;
    case asIntTag:
      exemplarValue.readInt(row, end);
      break;
    case spanIdTag:
      exemplarSpanId.readId(row, end);
      break;
    case traceIdTag:
      exemplarTraceId.readId(row, end);
      break;
    default:
      skipField(tag, end, exemplarMessage);
  }
}
