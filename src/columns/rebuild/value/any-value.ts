/** JSON text as AnyValue and KeyValue: what the decoder's any-value.ts has written, read back. */
import type { TextValues } from '../column/columns.ts';
import { writeNumber } from '../text/json-number.ts';
import { copyPlainText, writeString } from '../text/json-string.ts';
import { endOfText, JsonText } from '../text/json-text.ts';
import { bytesType, varintType, type WireWriter } from '../wire/wire-writer.ts';

/** Of AnyValue; json-number.ts has the tags of int_value and double_value. */
const stringTag = (1 << 3) | bytesType;
const boolTag = (2 << 3) | varintType;
const arrayTag = (5 << 3) | bytesType;
const listTag = (6 << 3) | bytesType;

/** Of ArrayValue and KeyValueList alike. */
const elementTag = (1 << 3) | bytesType;

/** Of KeyValue. */
const keyTag = (1 << 3) | bytesType;
const valueTag = (2 << 3) | bytesType;

/** The value of an attribute is at level 1, as in the decoder, which refuses what is deeper. */
const levelsMax = 64;

/** Three tags and their lengths. */
const roomBeyondKey = 8;

/** A tag and the length 0. */
const emptyFieldBytes = 2;

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const lowerF = 0x66;
const lowerN = 0x6e;
const lowerT = 0x74;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** One row's text at a time. */
const json = new JsonText();

/** Writes a row's JSON object as KeyValue fields with this tag. */
export function writeAttributes(
  out: WireWriter,
  tag: number,
  texts: TextValues,
  row: number,
): void {
  json.startAt(texts, row);
  if (!json.take(openBrace)) throw json.fault('an object is expected');
  writeMembers(out, tag, 1);
  endText();
}

/** Writes the member of AnyValue that a row's JSON value stands for. */
export function writeValue(out: WireWriter, texts: TextValues, row: number): void {
  json.startAt(texts, row);
  writeMember(out, json.peek(), 1);
  endText();
}

function endText(): void {
  if (json.peek() !== endOfText) throw json.fault('text follows the value');
}

/** Behind the opening brace; takes the closing one. The values are at `level`. */
function writeMembers(out: WireWriter, tag: number, level: number): void {
  if (json.take(closeBrace)) return;
  do {
    writeKeyValue(out, tag, level);
  } while (json.take(comma));
  if (!json.take(closeBrace)) throw json.fault('a comma or a brace is expected');
}

/**
 * A key is short as a rule, needs no escape, and the colon follows at once: then all that comes
 * before the value is written together. It has a tag and a length, those of the key, the key, and
 * the tag and the length of the value.
 */
function writeKeyValue(out: WireWriter, tag: number, level: number): void {
  out.reserve(json.end - json.position + roomBeyondKey);
  const { bytes, end: start } = out;
  const { source, position } = json;
  const keyBytes = source[position] === quote ? copyPlainText(json, position, bytes, start + 4) : 0;
  const colonAt = position + keyBytes + 2;
  if (keyBytes <= 0 || colonAt >= json.end || source[colonAt] !== colon) {
    writeAnyKeyValue(out, tag, level);
    return;
  }
  const valueStart = start + keyBytes + 6;
  bytes[start] = tag;
  bytes[start + 2] = keyTag;
  bytes[start + 3] = keyBytes;
  bytes[valueStart - 2] = valueTag;
  json.position = colonAt + 1;
  out.end = valueStart;
  writeMember(out, json.peek(), level);
  out.close(valueStart);
  out.close(start + 2);
}

function writeAnyKeyValue(out: WireWriter, tag: number, level: number): void {
  const contentStart = out.open(tag);
  if (json.peek() !== quote) throw json.fault('a key is expected');
  writeKey(out);
  if (!json.take(colon)) throw json.fault('a colon is expected');
  writeAnyValue(out, valueTag, level);
  out.close(contentStart);
}

/** The empty key is left out. */
function writeKey(out: WireWriter): void {
  const start = out.end;
  writeString(out, keyTag, json);
  if (out.end - start === emptyFieldBytes) out.end = start;
}

/** Behind the opening bracket; takes the closing one. */
function writeElements(out: WireWriter, level: number): void {
  if (json.take(closeBracket)) return;
  do writeAnyValue(out, elementTag, level);
  while (json.take(comma));
  if (!json.take(closeBracket)) throw json.fault('a comma or a bracket is expected');
}

function writeAnyValue(out: WireWriter, tag: number, level: number): void {
  const contentStart = out.open(tag);
  writeMember(out, json.peek(), level);
  out.close(contentStart);
}

/** Members are written whatever their value is; null is a value without a member. */
function writeMember(out: WireWriter, firstByte: number, level: number): void {
  if (level > levelsMax) throw json.fault('values nest too deep');
  switch (firstByte) {
    case quote:
      writeString(out, stringTag, json);
      break;
    case lowerT:
      json.takeWord('true');
      out.writeVarint(boolTag, 1);
      break;
    case lowerF:
      json.takeWord('false');
      out.writeVarint(boolTag, 0);
      break;
    case lowerN:
      json.takeWord('null');
      break;
    case openBracket:
      writeNested(out, arrayTag, level);
      break;
    case openBrace:
      writeNested(out, listTag, level);
      break;
    default:
      writeNumber(out, json);
  }
}

/** An ArrayValue or a KeyValueList, whose opening bracket or brace is next. */
function writeNested(out: WireWriter, tag: number, level: number): void {
  json.position++;
  const contentStart = out.open(tag);
  if (tag === arrayTag) writeElements(out, level + 1);
  else writeMembers(out, elementTag, level + 1);
  out.close(contentStart);
}
