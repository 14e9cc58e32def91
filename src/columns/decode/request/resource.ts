/**
 * Reads what all rows of a resource group have in common: the resource and the group's own fields.
 */

import { TextRunColumn } from '../column/text-run-column.ts';
import { ByteBuffer } from '../memory/byte-buffer.ts';
import { lastString, lastValueIsString } from '../value/any-value.ts';
import { endObject, readAttributeAnew, startObject } from '../value/json-object.ts';
import { position } from '../wire/cursor.ts';
import { FrameText } from '../wire/frame-text.ts';
import { IrregularLevel, irregular } from '../wire/irregular.ts';
import { resourceGroupMessage, resourceMessage } from '../wire/known-fields.ts';
import { skipField } from '../wire/skip-field.ts';
import { bytesType, varintType, Wire } from '../wire/wire-reader.ts';
import { GroupColumns } from './group-columns.ts';

const attributesTag: u32 = (1 << 3) | bytesType;
const droppedAttributesCountTag: u32 = (2 << 3) | varintType;

/** Fields of ResourceSpans, ResourceLogs and ResourceMetrics. */
const schemaUrlTag: u32 = (3 << 3) | bytesType;

/** How the text of the attribute service.name begins. */
const serviceNameStart = '"service.name":';

/** JSON of the attributes so far; room for some hundred of them at the start. */
export const resourceText: ByteBuffer = new ByteBuffer(16384);

/** The levels of the Resource and of the group's own fields. */
export const resourceLevel = new IrregularLevel();
export const resourceGroupLevel = new IrregularLevel();

let messages: u32 = 0;
let contentStart: u32 = 0;
let droppedAttributesCount: u32 = 0;
let droppedAttributesCounts: u32 = 0;
let hasServiceName: bool = false;
const serviceName = new FrameText();
const schemaUrl = new FrameText();

export function openResource(): void {
  resourceText.open();
}

/** Clears the last group's text, and frees memory that only a burst has needed. */
export function closeResource(): void {
  resourceText.reset();
}

/** Begins a group, which has no resource yet. */
export function startResource(): void {
  resourceText.bytes = 0;
  contentStart = startObject(resourceText);
  resourceLevel.start();
  resourceGroupLevel.start();
  messages = 0;
  droppedAttributesCount = 0;
  droppedAttributesCounts = 0;
  hasServiceName = false;
  serviceName.clear();
  schemaUrl.clear();
}

/** Reads a Resource. Protobuf merges a second one in the same group with the first. */
export function readResource(end: usize): void {
  resourceLevel.enter();
  if (messages++ > 0) irregular();
  while (position < end) {
    const tag = Wire.readTag(end);
    if (tag === attributesTag) {
      readResourceAttribute(end);
    } else if (tag === droppedAttributesCountTag) {
      if (droppedAttributesCounts++ > 0) irregular();
      droppedAttributesCount = Wire.readVarint32(end);
    } else {
      skipField(tag, end, resourceMessage);
    }
  }
  resourceLevel.leave();
}

/** Reads a field of the group that is neither its resource nor a scope group. */
export function readResourceGroupField(tag: u32, end: usize): void {
  resourceGroupLevel.enter();
  if (tag === schemaUrlTag) schemaUrl.read(end);
  else skipField(tag, end, resourceGroupMessage);
  resourceGroupLevel.leave();
}

/** Ends the group with number `index` in its request, which has `rows` rows. */
export function endResource(
  groupColumns: GroupColumns,
  serviceNames: TextRunColumn,
  index: u32,
  rows: u32,
): void {
  endObject(resourceText);
  if (messages === 0) groupColumns.resourceAttributes.appendNull(rows);
  else groupColumns.resourceAttributes.append(rows, resourceText.address, resourceText.bytes);
  groupColumns.resourceDroppedAttributesCount.append(rows, droppedAttributesCount);
  resourceGroupLevel.enter();
  groupColumns.resourceSchemaUrl.append(rows, schemaUrl.address, schemaUrl.bytes);
  resourceGroupLevel.leave();
  groupColumns.resourceIndex.append(rows, index);
  if (serviceName.isSet) serviceNames.append(rows, serviceName.address, serviceName.bytes);
  else serviceNames.appendNull(rows);
}

/** The first attribute service.name names the service, if it is a string. */
function readResourceAttribute(end: usize): void {
  const textStart = resourceText.bytes;
  readAttributeAnew(resourceText, contentStart, end);
  if (hasServiceName || !isServiceName(textStart)) return;
  hasServiceName = true;
  if (lastValueIsString()) serviceName.set(lastString.address, lastString.bytes);
}

/**
 * True if the attribute whose text begins at `textStart`, perhaps with a comma, is service.name.
 */
function isServiceName(textStart: u32): bool {
  const keyStart = textStart === contentStart ? textStart : textStart + 1;
  const length = <u32>serviceNameStart.length;
  if (resourceText.bytes < keyStart + length) return false;
  for (let i: u32 = 0; i < length; i++) {
    const byte = load<u8>(resourceText.address + keyStart + i);
    if (byte !== <u8>serviceNameStart.charCodeAt(i)) return false;
  }
  return true;
}
