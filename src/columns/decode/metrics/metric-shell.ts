/** Keeps an irregular Metric without its data points, for `otlp_extra`. */
import { ByteBuffer } from '../memory/byte-buffer.ts';
import { extraScratch, keepMetric } from '../request/extra.ts';
import { failure, moveTo, position } from '../wire/cursor.ts';
import { skipContent } from '../wire/skip-field.ts';
import { Wire } from '../wire/wire-reader.ts';
import { isData, pointTag } from './metric-data.ts';

/** Keeps the Metric between `start` and `end`, which has been read, on its first row. */
export function keepShell(row: u32, start: usize, end: usize): void {
  const shellStart = extraScratch.bytes;
  moveTo(start);
  while (position < end) {
    const fieldStart = position;
    const tag = Wire.readTag(end);
    if (isData(tag)) {
      extraScratch.appendVarint(tag);
      appendData(extraScratch, Wire.readContentEnd(end));
    } else {
      skipContent(tag, end);
      extraScratch.append(fieldStart, <u32>(position - fieldStart));
    }
  }
  if (failure !== 0) return;
  keepMetric(row, extraScratch.address + shellStart, extraScratch.bytes - shellStart);
}

/** Appends the length and the fields of a member of `data`, without its points. */
function appendData(out: ByteBuffer, end: usize): void {
  const start = position;
  out.appendVarint(otherFieldsBytes(end));
  moveTo(start);
  while (position < end) {
    const fieldStart = position;
    const tag = Wire.readTag(end);
    skipContent(tag, end);
    if (tag !== pointTag) out.append(fieldStart, <u32>(position - fieldStart));
  }
}

/** Returns the bytes of the fields up to `end` that are not points. */
function otherFieldsBytes(end: usize): u32 {
  let bytes: u32 = 0;
  while (position < end) {
    const fieldStart = position;
    const tag = Wire.readTag(end);
    skipContent(tag, end);
    if (tag !== pointTag) bytes += <u32>(position - fieldStart);
  }
  return bytes;
}
