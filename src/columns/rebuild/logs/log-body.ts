/** The body of a log record: an AnyValue, from the columns `body` and `body_type`. */
import { CellFault } from '../column/cell-fault.ts';
import { type Columns, checkText, isNull, type TextValues } from '../column/columns.ts';
import { EnumNames } from '../field/enum-field.ts';
import type { Field } from '../field/field.ts';
import { writeValue } from '../value/any-value.ts';
import { bytesType, fixed64Type, varintType, type WireWriter } from '../wire/wire-writer.ts';

export function body(number: number): Field {
  return new BodyField((number << 3) | bytesType);
}

const stringTag = (1 << 3) | bytesType;
const doubleTag = (4 << 3) | fixed64Type;
const contentsTag = (7 << 3) | bytesType;

/** The names of `body_type`, and the tag of each name's member. */
const memberTags: Readonly<Record<string, number>> = {
  empty: 0,
  string: stringTag,
  bool: (2 << 3) | varintType,
  int: (3 << 3) | varintType,
  double: doubleTag,
  array: (5 << 3) | bytesType,
  kvlist: (6 << 3) | bytesType,
  bytes: contentsTag,
};
const tags = Object.values(memberTags);

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
const nonFinite: ReadonlyMap<string, number> = new Map([
  ['"NaN"', NaN],
  ['"Infinity"', Infinity],
  ['"-Infinity"', -Infinity],
]);

class BodyField implements Field {
  readonly #tag: number;
  readonly #types = new EnumNames('body_type', Object.keys(memberTags));
  #texts!: TextValues;

  constructor(tag: number) {
    this.#tag = tag;
  }

  load(columns: Columns): boolean {
    this.#types.load(columns);
    this.#texts = columns.texts('body');
    return true;
  }

  write(out: WireWriter, row: number): void {
    const place = this.#types.place(row);
    if (place === undefined) return;
    const contentStart = out.open(this.#tag);
    const memberTag = tags[place]!;
    if (memberTag !== 0) writeMember(out, memberTag, this.#texts, row);
    out.close(contentStart);
  }
}

function writeMember(out: WireWriter, memberTag: number, texts: TextValues, row: number): void {
  if (isNull(texts, row)) throw new CellFault(texts.name, 'it is missing');
  const start = out.end;
  if (memberTag === stringTag) writeString(out, texts, row);
  else if (memberTag === contentsTag) writeContents(out, texts, row);
  else if (memberTag !== doubleTag || !writeNonFinite(out, texts, row)) writeValue(out, texts, row);
  // Every member has a tag of one byte, so this compares whole tags.
  const isAsNamed = out.end > start && out.bytes[start] === memberTag;
  if (!isAsNamed) throw new CellFault(texts.name, 'it is not of its body_type');
}

/** Writes a string; the column holds its text as it is. */
function writeString(out: WireWriter, texts: TextValues, row: number): void {
  if (texts.isSuspect) checkText(texts, row);
  out.writeBytes(stringTag, texts.data, texts.offsets[row]!, texts.offsets[row + 1]!);
}

/** Writes bytes; the column holds them as a JSON string of base64. */
function writeContents(out: WireWriter, texts: TextValues, row: number): void {
  const text = asciiText(texts, row);
  const contents = Buffer.from(text.slice(1, -1), 'base64');
  // Buffer skips characters that are not base64, so encoding again shows whether there were any.
  const isBase64 = `"${contents.toString('base64')}"` === text;
  if (!isBase64) throw new CellFault(texts.name, 'it is not base64');
  out.writeBytes(contentsTag, contents, 0, contents.length);
}

/** Writes NaN or an infinity, which JSON holds as strings. Returns false for any other value. */
function writeNonFinite(out: WireWriter, texts: TextValues, row: number): boolean {
  const quote = 0x22;
  if (texts.data[texts.offsets[row]!] !== quote) return false;
  const value = nonFinite.get(asciiText(texts, row));
  if (value === undefined) return false;
  double[0] = value;
  out.writeFixed64(doubleTag, words[0]!, words[1]!);
  return true;
}

function asciiText({ data, offsets }: TextValues, row: number): string {
  return data.toString('latin1', offsets[row], offsets[row + 1]);
}
