/** Reads a LogRecord into the columns of logs/1. */

import { endObject, readAttribute, startObject } from '../value/json-object.ts';
import { failure, position } from '../wire/cursor.ts';
import { noteSingular } from '../wire/irregular.ts';
import { logRecordMessage } from '../wire/known-fields.ts';
import { skipField } from '../wire/skip-field.ts';
import { bytesType, fixed32Type, fixed64Type, varintType, Wire } from '../wire/wire-reader.ts';
import { endBody, readBody, startBody } from './log-body.ts';
import {
  attributes,
  droppedAttributesCount,
  eventName,
  flags,
  groupColumns,
  logRecords,
  observedTime,
  severityNumber,
  severityText,
  spanId,
  time,
  traceId,
} from './log-columns.ts';

const timeTag: u32 = (1 << 3) | fixed64Type;
const severityNumberTag: u32 = (2 << 3) | varintType;
const severityTextTag: u32 = (3 << 3) | bytesType;
const bodyTag: u32 = (5 << 3) | bytesType;
const attributesTag: u32 = (6 << 3) | bytesType;
const droppedAttributesCountTag: u32 = (7 << 3) | varintType;
const flagsTag: u32 = (8 << 3) | fixed32Type;
const traceIdTag: u32 = (9 << 3) | bytesType;
const spanIdTag: u32 = (10 << 3) | bytesType;
const observedTimeTag: u32 = (11 << 3) | fixed64Type;
const eventNameTag: u32 = (12 << 3) | bytesType;

/**
 * Adds a row. After a failure it adds none, and the caller removes what was written by truncating.
 */
export function readLogRecord(end: usize): void {
  if (!logRecords.reserveRow()) return;
  const row = logRecords.rows;
  startRow(row);
  const attributesText = attributes.text;
  const contentStart = startObject(attributesText);
  let seen: u32 = 0;
  while (position < end) {
    const tag = Wire.readTag(end);
    if (tag === attributesTag) {
      readAttribute(attributesText, contentStart, end);
      continue;
    }
    seen = noteSingular(seen, tag);
    readSingular(tag, row, end);
  }
  endObject(attributesText);
  if (failure === 0) endRow(row);
}

/** Reads a field that may occur once; if it occurs several times, the last one counts. */
function readSingular(tag: u32, row: u32, end: usize): void {
  switch (tag) {
    case timeTag:
      time.readTime(row, end);
      break;
    case severityNumberTag:
      severityNumber.readVarint32(row, end);
      break;
    case severityTextTag:
      severityText.readText(row, end);
      break;
    case bodyTag:
      readBody(Wire.readContentEnd(end));
      break;
    case droppedAttributesCountTag:
      droppedAttributesCount.readVarint32(row, end);
      break;
    case flagsTag:
      flags.readFixed32(row, end);
      break;
    case traceIdTag:
      traceId.readId(row, end);
      break;
    case spanIdTag:
      spanId.readId(row, end);
      break;
    case observedTimeTag:
      observedTime.readTime(row, end);
      break;
    case eventNameTag:
      eventName.readText(row, end);
      break;
    default:
      skipField(tag, end, logRecordMessage);
  }
}

/** Sets the numbers to 0, their default. Text is empty at the start of a row. */
function startRow(row: u32): void {
  time.setUint64(row, 0);
  observedTime.setUint64(row, 0);
  severityNumber.setUint32(row, 0);
  droppedAttributesCount.setUint32(row, 0);
  flags.setUint32(row, 0);
  startBody();
}

function endRow(row: u32): void {
  traceId.endRow(row);
  spanId.endRow(row);
  severityText.endRow(row);
  eventName.endRow(row);
  endBody(row);
  attributes.endRow(row);
  groupColumns.endRow(row);
  logRecords.rows++;
}
