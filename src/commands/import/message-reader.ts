/**
 * Cuts a file into its messages, as the Collector's file exporter and `archer export` write them.
 *
 *     lines      {"resourceSpans":[…]}⏎{"resourceLogs":[…]}⏎…
 *     messages   ┌───────────────┬─────────┬───────────────┬─────────┬──
 *                │ length u32 BE │ message │ length u32 BE │ message │ …
 *                └───────────────┴─────────┴───────────────┴─────────┴──
 *
 * The exporter (fileexporter 0.158.0) writes, by its `format` and `compression`:
 *
 *     json           lines
 *     proto          messages in protobuf
 *     json,  zstd    messages, each the JSON of a request as a zstd frame of its own
 *     proto, zstd    messages, each the protobuf of a request as a zstd frame of its own
 *
 * and with its feature gate exporter.file.nativeCompression, as `zstd FILE` would, frames around
 * what it writes without compression. The extension of the name tells nothing: the bytes do.
 */
import { byteCountText } from '../../config/units.ts';
import { ByteReader, UnreadableContent } from './byte-reader.ts';
import { isZstd, zstdContent } from './zstd-content.ts';

/** As `archer export` calls them. */
export const importFormats = ['otlp-jsonl', 'otlp-proto'] as const;
export type ImportFormat = (typeof importFormats)[number];

export interface Place {
  /** Of what the file stands for, where it is compressed as a whole. */
  readonly offset: number;
  /** From 1 on; undefined where there are no lines. */
  readonly line: number | undefined;
}

export interface FileMessage extends Place {
  readonly kind: 'message';
  readonly bytes: Buffer;
  /** A last line without its end: what is wrong with it may come from that. */
  readonly isOpenEnded: boolean;
}

export interface SkippedPart extends Place {
  readonly kind: 'skipped';
  readonly reason: string;
}

/** Receivers take 512 MiB at most. No text begins with such a length: it would be letters. */
const messageBytesMax = 512 * 1024 * 1024;

const lengthBytes = 4;

/** A byte order mark and empty lines before the first request. */
const leadingBytesMax = 64;
const gzipMagic = Buffer.from([0x1f, 0x8b, 0x08]);
const gzipReason = 'it is compressed with gzip: gzip -dc FILE | archer import -';
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** What cannot be read is told where it begins; a fault ends the file where it hides the rest. */
export async function* readMessages(
  file: ByteReader,
  format?: ImportFormat,
): AsyncGenerator<FileMessage | SkippedPart, undefined, undefined> {
  const isCompressed = isZstd(await file.peek(lengthBytes));
  const reader = isCompressed ? new ByteReader(zstdContent(file)) : file;
  try {
    const found = format ?? detectFormat(await reader.peek(leadingBytesMax));
    if (found === 'otlp-jsonl') yield* readLines(reader);
    else if (found === 'otlp-proto') yield* readCounted(reader);
  } catch (error) {
    if (!(error instanceof UnreadableContent)) throw error;
    const { message: reason } = error;
    yield { kind: 'skipped', offset: reader.offset, line: undefined, reason };
  }
}

/** Undefined for an empty file. */
function detectFormat(head: Buffer): ImportFormat | undefined {
  if (head.length === 0) return undefined;
  if (head.indexOf(gzipMagic) === 0) throw new UnreadableContent(gzipReason);
  const start = head.subarray(head.indexOf(byteOrderMark) === 0 ? byteOrderMark.length : 0);
  if (/^\s*(\{|$)/.test(start.toString('latin1'))) return 'otlp-jsonl';
  if (head.length < lengthBytes || head.readUInt32BE(0) <= messageBytesMax) return 'otlp-proto';
  throw new UnreadableContent('it is neither OTLP/JSON in lines nor messages behind their lengths');
}

async function* readLines(reader: ByteReader): AsyncGenerator<FileMessage | SkippedPart> {
  for (let line = 1; ; line++) {
    const { offset } = reader;
    const read = await reader.takeLine(messageBytesMax);
    if (read === undefined) return;
    if (read.kind === 'too_long') {
      const reason = `its ${byteCountText(read.byteCount)} are too long for a request`;
      yield { kind: 'skipped', offset, line, reason };
      continue;
    }
    const { bytes, isTerminated } = read;
    if (bytes.length === 0 || isBlank(bytes)) continue;
    yield { kind: 'message', offset, line, bytes, isOpenEnded: !isTerminated };
  }
}

function isBlank(line: Buffer): boolean {
  return line.length <= leadingBytesMax && line.toString('latin1').trim() === '';
}

async function* readCounted(reader: ByteReader): AsyncGenerator<FileMessage | SkippedPart> {
  for (;;) {
    const { offset } = reader;
    const place = { offset, line: undefined };
    const prefix = await reader.take(lengthBytes);
    if (prefix.length === 0) return;
    if (prefix.length < lengthBytes) {
      yield { ...place, kind: 'skipped', reason: 'the last message is torn: it has no length' };
      return;
    }
    const length = prefix.readUInt32BE(0);
    if (length > messageBytesMax) {
      const reason = `a length of ${length} is none of a request: the rest cannot be read`;
      yield { ...place, kind: 'skipped', reason };
      return;
    }
    const bytes = await reader.take(length);
    if (bytes.length < length) {
      const reason = `the last message is torn: ${bytes.length} of ${length} bytes are there`;
      yield { ...place, kind: 'skipped', reason };
      return;
    }
    yield { ...place, kind: 'message', bytes, isOpenEnded: false };
  }
}
