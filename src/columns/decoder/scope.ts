/** The instrumentation scope of the group that is being read, and the rows it is repeated for. */
import { ByteBuffer } from './byte-buffer.ts';
import { position } from './cursor.ts';
import { irregular } from './irregular.ts';
import { endObject, readAttribute, startObject } from './json-object.ts';
import { skipField } from './skip-field.ts';
import { Tail } from './tail.ts';
import { bytesType, varintType, Wire } from './wire-reader.ts';

const nameTag: u32 = (1 << 3) | bytesType;
const versionTag: u32 = (2 << 3) | bytesType;
const attributesTag: u32 = (3 << 3) | bytesType;
const droppedAttributesCountTag: u32 = (4 << 3) | varintType;

/** JSON of the attributes so far. */
export const scopeText: ByteBuffer = new ByteBuffer(4096);

let occurrences: u32 = 0;
let contentStart: u32 = 0;
let droppedAttributesCount: u32 = 0;
let nameAddress: usize = 0;
let nameBytes: u32 = 0;
let versionAddress: usize = 0;
let versionBytes: u32 = 0;

export function openScope(): void {
  scopeText.open();
}

/** Forgets the last group's text, and memory that only a burst has needed. */
export function closeScope(): void {
  scopeText.reset();
}

/** Begins a group, which has no scope yet. */
export function startScope(): void {
  scopeText.bytes = 0;
  contentStart = startObject(scopeText);
  occurrences = 0;
  droppedAttributesCount = 0;
  nameBytes = 0;
  versionBytes = 0;
}

/** Takes an InstrumentationScope message. A second one in the same group is merged with the first. */
export function readScope(end: usize): void {
  if (occurrences++ > 0) irregular();
  let seen: u32 = 0;
  while (position < end) {
    const tag = Wire.readTag(end);
    if (tag === attributesTag) {
      readAttribute(scopeText, contentStart, end);
      continue;
    }
    const field: u32 = 1 << (tag >>> 3);
    if ((seen & field) !== 0) irregular();
    seen |= field;
    readScalar(tag, end);
  }
}

function readScalar(tag: u32, end: usize): void {
  switch (tag) {
    case nameTag:
      nameAddress = Wire.readContent(end);
      nameBytes = <u32>(position - nameAddress);
      break;
    case versionTag:
      versionAddress = Wire.readContent(end);
      versionBytes = <u32>(position - versionAddress);
      break;
    case droppedAttributesCountTag:
      droppedAttributesCount = Wire.readVarint32(end);
      break;
    default:
      skipField(tag, end);
  }
}

/** Ends a group of so many rows. */
export function endScope(tail: Tail, rows: u32): void {
  if (rows === 0) return;
  endObject(scopeText);
  if (occurrences === 0) tail.scopeName.appendNull(rows);
  else tail.scopeName.append(rows, nameAddress, nameBytes);
  tail.scopeVersion.append(rows, versionAddress, versionBytes);
  tail.scopeAttributes.append(rows, scopeText.address, scopeText.bytes);
  tail.scopeDroppedAttributesCount.append(rows, droppedAttributesCount);
}
