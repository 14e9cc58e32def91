/** Reads what all rows of a scope group have in common: the scope and the group's own fields. */
import { ByteBuffer } from '../memory/byte-buffer.ts';
import { endObject, readAttribute, startObject } from '../value/json-object.ts';
import { position } from '../wire/cursor.ts';
import { FrameText } from '../wire/frame-text.ts';
import { IrregularLevel, irregular } from '../wire/irregular.ts';
import { scopeGroupMessage, scopeMessage } from '../wire/known-fields.ts';
import { skipField } from '../wire/skip-field.ts';
import { bytesType, varintType, Wire } from '../wire/wire-reader.ts';
import { GroupColumns } from './group-columns.ts';

const nameTag: u32 = (1 << 3) | bytesType;
const versionTag: u32 = (2 << 3) | bytesType;
const attributesTag: u32 = (3 << 3) | bytesType;
const droppedAttributesCountTag: u32 = (4 << 3) | varintType;

/** Fields of ScopeSpans, ScopeLogs and ScopeMetrics. */
const schemaUrlTag: u32 = (3 << 3) | bytesType;

/** JSON of the attributes so far; scopes seldom have any. */
export const scopeText: ByteBuffer = new ByteBuffer(4096);

/** The levels of the scope and of the group's own fields. */
export const scopeLevel = new IrregularLevel();
export const scopeGroupLevel = new IrregularLevel();

let messages: u32 = 0;
let contentStart: u32 = 0;
let droppedAttributesCount: u32 = 0;
let droppedAttributesCounts: u32 = 0;
const name = new FrameText();
const version = new FrameText();
const schemaUrl = new FrameText();

export function openScope(): void {
  scopeText.open();
}

/** Clears the last group's text, and frees memory that only a burst has needed. */
export function closeScope(): void {
  scopeText.reset();
}

/** Begins a group, which has no scope yet. */
export function startScope(): void {
  scopeText.bytes = 0;
  contentStart = startObject(scopeText);
  scopeLevel.start();
  scopeGroupLevel.start();
  messages = 0;
  droppedAttributesCount = 0;
  droppedAttributesCounts = 0;
  name.clear();
  version.clear();
  schemaUrl.clear();
}

/** Reads an InstrumentationScope. Protobuf merges a second one in the same group with the first. */
export function readScope(end: usize): void {
  scopeLevel.enter();
  if (messages++ > 0) irregular();
  while (position < end) {
    const tag = Wire.readTag(end);
    switch (tag) {
      case nameTag:
        name.read(end);
        break;
      case versionTag:
        version.read(end);
        break;
      case attributesTag:
        readAttribute(scopeText, contentStart, end);
        break;
      case droppedAttributesCountTag:
        if (droppedAttributesCounts++ > 0) irregular();
        droppedAttributesCount = Wire.readVarint32(end);
        break;
      default:
        skipField(tag, end, scopeMessage);
    }
  }
  scopeLevel.leave();
}

/** Reads a field of the group that is neither its scope nor a record. */
export function readScopeGroupField(tag: u32, end: usize): void {
  scopeGroupLevel.enter();
  if (tag === schemaUrlTag) schemaUrl.read(end);
  else skipField(tag, end, scopeGroupMessage);
  scopeGroupLevel.leave();
}

/** Ends the group with number `index` in its resource group, which has `rows` rows. */
export function endScope(groupColumns: GroupColumns, index: u32, rows: u32): void {
  endObject(scopeText);
  appendNameAndVersion(groupColumns, rows);
  groupColumns.scopeAttributes.append(rows, scopeText.address, scopeText.bytes);
  groupColumns.scopeDroppedAttributesCount.append(rows, droppedAttributesCount);
  scopeGroupLevel.enter();
  groupColumns.scopeSchemaUrl.append(rows, schemaUrl.address, schemaUrl.bytes);
  scopeGroupLevel.leave();
  groupColumns.scopeIndex.append(rows, index);
}

function appendNameAndVersion(groupColumns: GroupColumns, rows: u32): void {
  scopeLevel.enter();
  if (messages === 0) groupColumns.scopeName.appendNull(rows);
  else groupColumns.scopeName.append(rows, name.address, name.bytes);
  groupColumns.scopeVersion.append(rows, version.address, version.bytes);
  scopeLevel.leave();
}
