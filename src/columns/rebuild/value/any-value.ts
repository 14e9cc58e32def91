/** Writes JSON text as AnyValue and KeyValue: the inverse of any-value.ts in the decoder. */
import type { TextValues } from '../column/columns.ts';
import { writeNumber } from '../text/json-number.ts';
import { copyPlainText, writeString } from '../text/json-string.ts';
import { endOfText, JsonText } from '../text/json-text.ts';
import { bytesType, varintType, type WireWriter } from '../wire/wire-writer.ts';

/** Fields of AnyValue; json-number.ts has the tags of int_value and double_value. */
const stringTag = (1 << 3) | bytesType;
const boolTag = (2 << 3) | varintType;
const arrayTag = (5 << 3) | bytesType;
const listTag = (6 << 3) | bytesType;

/** The field of ArrayValue and of KeyValueList. */
const elementTag = (1 << 3) | bytesType;

/** Fields of KeyValue. */
const keyTag = (1 << 3) | bytesType;
const valueTag = (2 << 3) | bytesType;

/**
 * The value of an attribute is at level 1. The decoder has the same bound and refuses deeper
 * values.
 */
const levelsMax = 64;

/** Room for three tags and their lengths. */
const roomBeyondKey = 8;

/** Room for a tag and the length 0. */
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

/** The text of the row that is being read. */
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

/** Writes a row's JSON value as a member of AnyValue. */
export function writeValue(out: WireWriter, texts: TextValues, row: number): void {
  json.startAt(texts, row);
  writeMember(out, json.peek(), 1);
  endText();
}

function endText(): void {
  if (json.peek() !== endOfText) throw json.fault('text follows the value');
}

/**
 * Writes the entries of an object from behind its opening brace through its closing brace. The
 * values are at `level`.
 */
function writeMembers(out: WireWriter, tag: number, level: number): void {
  if (json.take(closeBrace)) return;
  do {
    writeKeyValue(out, tag, level);
  } while (json.take(comma));
  if (!json.take(closeBrace)) throw json.fault('a comma or a brace is expected');
}

/**
 * Writes an entry. Most keys are short, need no escape and are followed by the colon at once. For
 * such a key everything before the value is written together: a tag and a length, those of the key,
 * the key, and the tag and the length of the value.
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

/** Writes the key. An empty key is omitted. */
function writeKey(out: WireWriter): void {
  const start = out.end;
  writeString(out, keyTag, json);
  if (out.end - start === emptyFieldBytes) out.end = start;
}

/** Writes the elements of an array from behind its opening bracket through its closing bracket. */
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

/**
 * Writes a value. A member is written even if it is 0, false or empty; null is a value without a
 * member.
 */
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

/** Writes an ArrayValue or a KeyValueList, whose opening bracket or brace is next. */
function writeNested(out: WireWriter, tag: number, level: number): void {
  json.position++;
  const contentStart = out.open(tag);
  if (tag === arrayTag) writeElements(out, level + 1);
  else writeMembers(out, elementTag, level + 1);
  out.close(contentStart);
}
