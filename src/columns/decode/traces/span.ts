/** Reads a Span into the columns of spans/1. */

import { endObject, readAttribute, startObject } from '../value/json-object.ts';
import { failure, position } from '../wire/cursor.ts';
import { noteSingular } from '../wire/irregular.ts';
import { spanMessage, statusMessage as statusMessageNumber } from '../wire/known-fields.ts';
import { skipField } from '../wire/skip-field.ts';
import { bytesType, fixed32Type, fixed64Type, varintType, Wire } from '../wire/wire-reader.ts';
import {
  attributes,
  droppedAttributesCount,
  droppedEventsCount,
  droppedLinksCount,
  durationNs,
  endTime,
  eventList,
  flags,
  groupColumns,
  kind,
  linkList,
  name,
  parentSpanId,
  spanId,
  spans,
  startTime,
  statusCode,
  statusMessage,
  traceId,
  traceState,
} from './span-columns.ts';
import { readSpanEvent } from './span-event.ts';
import { readSpanLink } from './span-link.ts';

const traceIdTag: u32 = (1 << 3) | bytesType;
const spanIdTag: u32 = (2 << 3) | bytesType;
const traceStateTag: u32 = (3 << 3) | bytesType;
const parentSpanIdTag: u32 = (4 << 3) | bytesType;
const nameTag: u32 = (5 << 3) | bytesType;
const kindTag: u32 = (6 << 3) | varintType;
const startTimeTag: u32 = (7 << 3) | fixed64Type;
const endTimeTag: u32 = (8 << 3) | fixed64Type;
const attributesTag: u32 = (9 << 3) | bytesType;
const droppedAttributesCountTag: u32 = (10 << 3) | varintType;
const eventsTag: u32 = (11 << 3) | bytesType;
const droppedEventsCountTag: u32 = (12 << 3) | varintType;
const linksTag: u32 = (13 << 3) | bytesType;
const droppedLinksCountTag: u32 = (14 << 3) | varintType;
const statusTag: u32 = (15 << 3) | bytesType;
const flagsTag: u32 = (16 << 3) | fixed32Type;

/** Fields of Status. */
const messageTag: u32 = (2 << 3) | bytesType;
const codeTag: u32 = (3 << 3) | varintType;

/**
 * Adds a row. After a failure it adds none, and the caller removes what was written by truncating.
 */
export function readSpan(end: usize): void {
  if (!spans.reserveRow()) return;
  const row = spans.rows;
  startRow(row);
  const attributesText = attributes.text;
  const contentStart = startObject(attributesText);
  let seen: u32 = 0;
  while (position < end) {
    const tag = Wire.readTag(end);
    switch (tag) {
      case attributesTag:
        readAttribute(attributesText, contentStart, end);
        break;
      case eventsTag:
        readSpanEvent(Wire.readContentEnd(end));
        break;
      case linksTag:
        readSpanLink(Wire.readContentEnd(end));
        break;
      default:
        seen = noteSingular(seen, tag);
        readSingular(tag, row, end);
    }
  }
  endObject(attributesText);
  if (failure === 0) endRow(row);
}

/** Reads a field that may occur once; if it occurs several times, the last one counts. */
function readSingular(tag: u32, row: u32, end: usize): void {
  switch (tag) {
    case traceIdTag:
      traceId.readId(row, end);
      break;
    case spanIdTag:
      spanId.readId(row, end);
      break;
    case traceStateTag:
      traceState.readText(row, end);
      break;
    case parentSpanIdTag:
      parentSpanId.readId(row, end);
      break;
    case nameTag:
      name.readText(row, end);
      break;
    case kindTag:
      kind.readNumber(row, end);
      break;
    case startTimeTag:
      startTime.readTime(row, end);
      break;
    case endTimeTag:
      endTime.readTime(row, end);
      break;
    case droppedAttributesCountTag:
      droppedAttributesCount.readVarint32(row, end);
      break;
    case droppedEventsCountTag:
      droppedEventsCount.readVarint32(row, end);
      break;
    case droppedLinksCountTag:
      droppedLinksCount.readVarint32(row, end);
      break;
    case statusTag:
      readStatus(row, Wire.readContentEnd(end));
      break;
    case flagsTag:
      flags.readFixed32(row, end);
      break;
    default:
      skipField(tag, end, spanMessage);
  }
}

/** Reads a Status. Protobuf merges a second Status in the same span with the first. */
function readStatus(row: u32, end: usize): void {
  if (statusCode.isEmptyRow(row)) statusCode.setNumber(row, 0);
  let seen: u32 = 0;
  while (position < end) {
    const tag = Wire.readTag(end);
    seen = noteSingular(seen, tag);
    if (tag === codeTag) statusCode.readNumber(row, end);
    else if (tag === messageTag) statusMessage.readText(row, end);
    else skipField(tag, end, statusMessageNumber);
  }
}

/** Sets the numbers to 0, their default. Text is empty at the start of a row. */
function startRow(row: u32): void {
  startTime.setUint64(row, 0);
  endTime.setUint64(row, 0);
  flags.setUint32(row, 0);
  droppedAttributesCount.setUint32(row, 0);
  droppedEventsCount.setUint32(row, 0);
  droppedLinksCount.setUint32(row, 0);
}

function endRow(row: u32): void {
  const start = startTime.getUint64(row);
  const end = endTime.getUint64(row);
  durationNs.setUint64(row, start !== 0 && end !== 0 ? end - start : 0);
  traceId.endRow(row);
  spanId.endRow(row);
  parentSpanId.endRow(row);
  name.endRow(row);
  kind.endRowNotNull(row);
  statusCode.endRow(row);
  statusMessage.endRow(row);
  attributes.endRow(row);
  eventList.endRow(row);
  linkList.endRow(row);
  traceState.endRow(row);
  groupColumns.endRow(row);
  spans.rows++;
}
