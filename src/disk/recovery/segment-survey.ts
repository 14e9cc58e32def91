/** Examines a segment that an earlier run left: its whole batches and everything else in it. */
import type { Decompress } from '../../shared/decompress.ts';
import { readRange } from '../file-range.ts';
import { readArrowSchema } from '../ipc/arrow-schema.ts';
import { type BatchLayout, planBatchLayout } from '../ipc/column-layout.ts';
import { footerFault } from '../ipc/footer-reader.ts';
import { streamStart } from '../ipc/ipc-file-format.ts';
import { endOfStream, messageAlignmentBytes, messagePrefixBytes } from '../ipc/ipc-format.ts';
import { readMessages, type StreamEnd, type StreamMessage } from '../ipc/ipc-reader.ts';
import { findMessage } from '../ipc/message-search.ts';
import type { OpenFile, Storage } from '../storage.ts';
import { type SoundBatch, type SoundnessOptions, toSoundBatch } from './sound-batch.ts';

export interface SegmentSurvey {
  readonly fileBytes: number;
  /** True for an Arrow IPC file, false for a stream. */
  readonly isFile: boolean;
  /** Length from the file's start to the end of the schema; 0 if the schema is not whole. */
  readonly schemaBytes: number;
  /** True if the file ends before its schema does. */
  readonly isSchemaCutShort: boolean;
  /** The recorder that the schema names; undefined if it names none or cannot be read. */
  readonly schemaRecorder: string | undefined;
  /** The whole batches of any recorder and lane, in file order. */
  readonly batches: readonly SoundBatch[];
  /** True if damaged bytes lie before a whole batch. */
  readonly hasGap: boolean;
  /** End of the last whole batch, or of the schema. */
  readonly soundBytes: number;
  /**
   * For a stream: true if the file's last bytes are the end mark. For an Arrow IPC file: true if
   * end mark and footer are right and follow the last whole batch.
   */
  readonly hasEndMark: boolean;
  /** Length of this end. */
  readonly endBytes: number;
  /** True if the disk failed to read some of the bytes. */
  readonly isUnreadable: boolean;
  /** Rows of damaged batches, as far as their messages can be read. */
  readonly damagedRows: number;
}

/** Never throws because of the file's content. Bytes that the disk cannot read count as damaged. */
export function surveySegment(
  disk: Storage,
  file: OpenFile,
  decompress: Decompress,
): SegmentSurvey {
  const { storage, isUnreadable } = forgiving(disk);
  const fileBytes = storage.statOpen(file).bytes;
  const schema = readSchema(storage, file);
  const found = readContent({ storage, file, layout: schema.layout, decompress }, schema.bytes);
  // If no batch fits this schema, but batches are whole without it, the schema is damaged.
  const isStrange = schema.layout !== undefined && found.batches.length === 0;
  const bare = { storage, file, layout: undefined, decompress };
  const content = isStrange ? readContent(bare, schema.bytes) : found;
  const isTrusted = !isStrange || content.batches.length === 0;
  const soundBytes = soundEnd(schema.bytes, content.batches);
  const isFile = schema.start > 0;
  const end = isFile ? fileEnd(storage, file, schema, content.batches) : streamEnd(storage, file);
  return {
    ...content,
    ...{ fileBytes, isFile, soundBytes },
    schemaBytes: isTrusted && leadsToBatch(schema, content.batches) ? schema.bytes : 0,
    isSchemaCutShort: schema.isCutShort,
    schemaRecorder: schema.recorder,
    hasEndMark: end !== undefined,
    endBytes: end ?? 0,
    isUnreadable: isUnreadable(),
  };
}

type Content = Pick<SegmentSurvey, 'batches' | 'hasGap' | 'damagedRows'>;

function readContent(options: SoundnessOptions, schemaBytes: number): Content {
  const batches: SoundBatch[] = [];
  let hasGap = false;
  let damagedRows = 0;
  for (const part of readParts(options, schemaBytes)) {
    if (part.kind === 'damaged') damagedRows += part.rows;
    else {
      hasGap ||= part.batch.offset > soundEnd(schemaBytes, batches);
      batches.push(part.batch);
    }
  }
  return { batches, hasGap, damagedRows };
}

/** A schema that cannot be read completely is trusted if a batch starts where it ends. */
function leadsToBatch(schema: SchemaLook, batches: readonly SoundBatch[]): boolean {
  return schema.layout !== undefined || (batches[0]?.offset ?? schema.bytes) === schema.bytes;
}

/** True if the segment holds a schema, batches, an end, and nothing else. */
export function isWholeSegment(survey: SegmentSurvey): boolean {
  const { schemaBytes, batches, hasGap, hasEndMark, soundBytes, endBytes, fileBytes } = survey;
  const isFilled = schemaBytes > 0 && batches.length > 0 && !hasGap;
  return isFilled && hasEndMark && soundBytes + endBytes === fileBytes;
}

function soundEnd(schemaBytes: number, batches: readonly SoundBatch[]): number {
  const last = batches.at(-1);
  return last === undefined ? schemaBytes : last.offset + last.bytes;
}

/** Wraps a disk so that a read error returns no bytes. The affected part then is not whole. */
function forgiving(disk: Storage): { storage: Storage; isUnreadable: () => boolean } {
  let isUnreadable = false;
  const read: Storage['read'] = (file, view, position) => {
    try {
      return disk.read(file, view, position);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EIO') throw error;
      isUnreadable = true;
      return 0;
    }
  };
  return { storage: { ...disk, read }, isUnreadable: () => isUnreadable };
}

interface SchemaLook {
  /** Offset of the schema message. */
  readonly start: number;
  readonly metadataBytes: number;
  /** End of the schema message; 0 if it is not whole. */
  readonly bytes: number;
  readonly isCutShort: boolean;
  readonly recorder?: string | undefined;
  readonly layout?: BatchLayout;
}

function readSchema(storage: Storage, file: OpenFile): SchemaLook {
  const start = streamStart(storage, file);
  const item = firstItem(storage, file, 0);
  if (item.kind === 'end') {
    return { start, metadataBytes: 0, bytes: 0, isCutShort: isCutShort(item) };
  }
  const { metadataBytes, bodyOffset: bytes } = item;
  const metadata = readRange(storage, file, start + messagePrefixBytes, metadataBytes);
  const look = { start, metadataBytes, bytes, isCutShort: false };
  const schema = readArrowSchema(metadata);
  // A newer version may have columns unknown to this one. Its batches are still whole.
  if (typeof schema === 'string') return look;
  const recorder = schema.metadata.get('otlp.archive.recorder');
  return { ...look, recorder, layout: planBatchLayout(schema.fields) };
}

function isCutShort({ fault }: StreamEnd): boolean {
  return fault === 'the file is empty' || fault === 'a message is cut short';
}

type Part =
  | { readonly kind: 'sound'; readonly batch: SoundBatch }
  | { readonly kind: 'damaged'; readonly rows: number };

/**
 * Walks from message to message. After a damaged message the next whole batch may start at any
 * multiple of 8, because the damaged length cannot be trusted.
 */
function* readParts(options: SoundnessOptions, start: number): Generator<Part> {
  const { storage, file } = options;
  let offset = start;
  for (;;) {
    const item = firstItem(storage, file, offset);
    if (item.kind === 'end' && item.state !== 'torn') return;
    const sound = item.kind === 'recordBatch' ? toSoundBatch(item, options) : undefined;
    if (item.kind === 'recordBatch' && sound === undefined) {
      yield { kind: 'damaged', rows: item.rows };
    }
    const batch = sound ?? findBatch(options, offset + messageAlignmentBytes);
    if (batch === undefined) return;
    yield { kind: 'sound', batch };
    offset = batch.offset + batch.bytes;
  }
}

function findBatch(options: SoundnessOptions, from: number): SoundBatch | undefined {
  const { storage, file } = options;
  return findMessage(storage, file, from, (offset) => {
    const item = firstItem(storage, file, offset);
    return item.kind === 'recordBatch' ? toSoundBatch(item, options) : undefined;
  });
}

function firstItem(storage: Storage, file: OpenFile, offset: number): StreamMessage | StreamEnd {
  for (const item of readMessages(storage, file, offset)) return item;
  throw new Error('a stream has an end');
}

/** Length of a stream's end mark; undefined if the file does not end with it. */
function streamEnd(storage: Storage, file: OpenFile): number | undefined {
  const { bytes } = storage.statOpen(file);
  const markBytes = endOfStream.byteLength;
  if (bytes < markBytes || bytes % messageAlignmentBytes !== 0) return undefined;
  return isMark(readRange(storage, file, bytes - markBytes, markBytes)) ? markBytes : undefined;
}

/** Length of an Arrow IPC file's end; undefined if it is not exactly as it was written. */
function fileEnd(
  storage: Storage,
  file: OpenFile,
  { start, metadataBytes, bytes }: SchemaLook,
  batches: readonly SoundBatch[],
): number | undefined {
  const soundBytes = soundEnd(bytes, batches);
  const end = soundBytes + endOfStream.byteLength;
  if (bytes === 0 || !isMark(readRange(storage, file, soundBytes, endOfStream.byteLength))) {
    return undefined;
  }
  const stream = { schema: { offset: start, metadataBytes }, batches, end };
  const isRight = footerFault(storage, file, stream) === undefined;
  return isRight ? storage.statOpen(file).bytes - soundBytes : undefined;
}

function isMark(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes, endOfStream) === 0;
}
