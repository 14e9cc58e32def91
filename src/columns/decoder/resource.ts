/** The resource of the group that is being read, and the rows that it is repeated for. */
import { lastStringAddress, lastStringBytes, lastValueIsString } from './any-value.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { position } from './cursor.ts';
import { irregular } from './irregular.ts';
import { endObject, readAttributeAnew, startObject } from './json-object.ts';
import { skipField } from './skip-field.ts';
import { Tail } from './tail.ts';
import { TextRunColumn } from './text-run-column.ts';
import { bytesType, varintType, Wire } from './wire-reader.ts';

const attributesTag: u32 = (1 << 3) | bytesType;
const droppedAttributesCountTag: u32 = (2 << 3) | varintType;

/** How the text of the attribute service.name begins. */
const serviceNameStart = '"service.name":';

/** JSON of the attributes so far. */
export const resourceText: ByteBuffer = new ByteBuffer(16384);

let occurrences: u32 = 0;
let contentStart: u32 = 0;
let droppedAttributesCount: u32 = 0;
/** The first attribute service.name counts, if its value is a string. */
let hasServiceName: bool = false;
let serviceNameAddress: usize = 0;
let serviceNameBytes: u32 = 0;

export function openResource(): void {
  resourceText.open();
}

/** Forgets the last group's text, and memory that only a burst has needed. */
export function closeResource(): void {
  resourceText.reset();
}

/** Begins a group, which has no resource yet. */
export function startResource(): void {
  resourceText.bytes = 0;
  contentStart = startObject(resourceText);
  occurrences = 0;
  droppedAttributesCount = 0;
  hasServiceName = false;
  serviceNameAddress = 0;
}

/** Takes a Resource message. A second one in the same group goes on where the first ended. */
export function readResource(end: usize): void {
  if (occurrences++ > 0) irregular();
  let hasDroppedAttributesCount = false;
  while (position < end) {
    const tag = Wire.readTag(end);
    if (tag === attributesTag) {
      readResourceAttribute(end);
    } else if (tag === droppedAttributesCountTag) {
      if (hasDroppedAttributesCount) irregular();
      hasDroppedAttributesCount = true;
      droppedAttributesCount = Wire.readVarint32(end);
    } else {
      skipField(tag, end);
    }
  }
}

/** Ends a group of so many rows. */
export function endResource(tail: Tail, serviceName: TextRunColumn, rows: u32): void {
  if (rows === 0) return;
  endObject(resourceText);
  if (occurrences === 0) tail.resourceAttributes.appendNull(rows);
  else tail.resourceAttributes.append(rows, resourceText.address, resourceText.bytes);
  tail.resourceDroppedAttributesCount.append(rows, droppedAttributesCount);
  if (serviceNameAddress === 0) serviceName.appendNull(rows);
  else serviceName.append(rows, serviceNameAddress, serviceNameBytes);
}

function readResourceAttribute(end: usize): void {
  const textStart = resourceText.bytes;
  readAttributeAnew(resourceText, contentStart, end);
  if (hasServiceName || !isServiceName(textStart)) return;
  hasServiceName = true;
  if (!lastValueIsString()) return;
  serviceNameAddress = lastStringAddress;
  serviceNameBytes = lastStringBytes;
}

/** Whether the attribute whose text starts at `textStart`, perhaps with a comma, is service.name. */
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
