/** Reads a Span.Event into the columns of events. */

import { endObject, readAttribute, startObject } from '../value/json-object.ts';
import { failure, position } from '../wire/cursor.ts';
import { noteSingular } from '../wire/irregular.ts';
import { spanEventMessage } from '../wire/known-fields.ts';
import { skipField } from '../wire/skip-field.ts';
import { bytesType, fixed64Type, varintType, Wire } from '../wire/wire-reader.ts';
import {
  eventAttributes,
  eventDroppedAttributesCount,
  eventName,
  events,
  eventTime,
} from './span-columns.ts';

const timeTag: u32 = (1 << 3) | fixed64Type;
const nameTag: u32 = (2 << 3) | bytesType;
const attributesTag: u32 = (3 << 3) | bytesType;
const droppedAttributesCountTag: u32 = (4 << 3) | varintType;

export function readSpanEvent(end: usize): void {
  if (!events.reserveRow()) return;
  const row = events.rows;
  eventTime.setUint64(row, 0);
  eventDroppedAttributesCount.setUint32(row, 0);
  const contentStart = startObject(eventAttributes.text);
  let seen: u32 = 0;
  while (position < end) {
    const tag = Wire.readTag(end);
    if (tag === attributesTag) {
      readAttribute(eventAttributes.text, contentStart, end);
      continue;
    }
    seen = noteSingular(seen, tag);
    readScalar(tag, row, end);
  }
  endObject(eventAttributes.text);
  if (failure !== 0) return;
  eventName.endRow(row);
  eventAttributes.endRow(row);
  events.rows++;
}

function readScalar(tag: u32, row: u32, end: usize): void {
  switch (tag) {
    case timeTag:
      eventTime.readTime(row, end);
      break;
    case nameTag:
      eventName.readText(row, end);
      break;
    case droppedAttributesCountTag:
      eventDroppedAttributesCount.readVarint32(row, end);
      break;
    default:
      skipField(tag, end, spanEventMessage);
  }
}
