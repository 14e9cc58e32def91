/** Reads a Span.Link into the columns of links. */

import { endObject, readAttribute, startObject } from '../value/json-object.ts';
import { failure, position } from '../wire/cursor.ts';
import { noteSingular } from '../wire/irregular.ts';
import { spanLinkMessage } from '../wire/known-fields.ts';
import { skipField } from '../wire/skip-field.ts';
import { bytesType, fixed32Type, varintType, Wire } from '../wire/wire-reader.ts';
import {
  linkAttributes,
  linkDroppedAttributesCount,
  linkFlags,
  linkSpanId,
  links,
  linkTraceId,
  linkTraceState,
} from './span-columns.ts';

const traceIdTag: u32 = (1 << 3) | bytesType;
const spanIdTag: u32 = (2 << 3) | bytesType;
const traceStateTag: u32 = (3 << 3) | bytesType;
const attributesTag: u32 = (4 << 3) | bytesType;
const droppedAttributesCountTag: u32 = (5 << 3) | varintType;
const flagsTag: u32 = (6 << 3) | fixed32Type;

export function readSpanLink(end: usize): void {
  if (!links.reserveRow()) return;
  const row = links.rows;
  linkDroppedAttributesCount.setUint32(row, 0);
  linkFlags.setUint32(row, 0);
  const contentStart = startObject(linkAttributes.text);
  let seen: u32 = 0;
  while (position < end) {
    const tag = Wire.readTag(end);
    if (tag === attributesTag) {
      readAttribute(linkAttributes.text, contentStart, end);
      continue;
    }
    seen = noteSingular(seen, tag);
    readScalar(tag, row, end);
  }
  endObject(linkAttributes.text);
  if (failure !== 0) return;
  linkTraceId.endRow(row);
  linkSpanId.endRow(row);
  linkTraceState.endRow(row);
  linkAttributes.endRow(row);
  links.rows++;
}

function readScalar(tag: u32, row: u32, end: usize): void {
  switch (tag) {
    case traceIdTag:
      linkTraceId.readId(row, end);
      break;
    case spanIdTag:
      linkSpanId.readId(row, end);
      break;
    case traceStateTag:
      linkTraceState.readText(row, end);
      break;
    case droppedAttributesCountTag:
      linkDroppedAttributesCount.readVarint32(row, end);
      break;
    case flagsTag:
      linkFlags.readFixed32(row, end);
      break;
    default:
      skipField(tag, end, spanLinkMessage);
  }
}
