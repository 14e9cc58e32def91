/** Walks the fields of a message that has been read, and keeps some of them for `otlp_extra`. */
import { failure, moveTo, position } from '../wire/cursor.ts';
import { skipContent } from '../wire/skip-field.ts';
import { Wire } from '../wire/wire-reader.ts';
import { ExtraPart } from './extra-part.ts';

/** Keeps all fields of the message between `start` and `end` except those with one of two tags. */
export function keepOtherFields(
  part: ExtraPart,
  row: u32,
  start: usize,
  end: usize,
  tag: u32,
  otherTag: u32,
): void {
  if (failure !== 0) return;
  moveTo(start);
  while (position < end) {
    const fieldStart = position;
    const fieldTag = Wire.readTag(end);
    skipContent(fieldTag, end);
    if (fieldTag === tag || fieldTag === otherTag) continue;
    part.add(row, fieldStart, <u32>(position - fieldStart));
  }
}

/**
 * Keeps the contents of the fields with this tag. Protobuf merges several occurrences into one
 * message.
 */
export function keepContents(part: ExtraPart, row: u32, start: usize, end: usize, tag: u32): void {
  if (failure !== 0) return;
  moveTo(start);
  while (position < end) {
    const fieldTag = Wire.readTag(end);
    if (fieldTag !== tag) {
      skipContent(fieldTag, end);
      continue;
    }
    const content = Wire.readContent(end);
    part.add(row, content, <u32>(position - content));
  }
}
