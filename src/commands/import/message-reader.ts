/**
 * Cuts a file into its messages, as the Collector's file exporter and `archer export` write them.
 *
 *     lines      {"resourceSpans":[…]}⏎{"resourceLogs":[…]}⏎…     (or pretty-printed)
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
 * what it writes without compression. The bytes decide, because the extension of the name is the
 * same for all of them.
 */
import { ByteReader, UnreadableContent } from './byte-reader.ts';
import type { FileMessage, SkippedPart } from './file-message.ts';
import { detectFormat, type ImportFormat, lookBytes, messageBytesMax } from './import-format.ts';
import { readJsonLines } from './json-lines.ts';
import { isZstd, zstdContent } from './zstd-content.ts';

const lengthBytes = 4;

/** Yields parts that cannot be read, too. The last one ends the file if it hides the rest. */
export async function* readMessages(
  file: ByteReader,
  format?: ImportFormat,
): AsyncGenerator<FileMessage | SkippedPart, undefined, undefined> {
  const isCompressed = isZstd(await file.peek(lengthBytes));
  const reader = isCompressed ? new ByteReader(zstdContent(file)) : file;
  try {
    const found = format ?? detectFormat(await reader.peek(lookBytes));
    if (found === 'otlp-jsonl') yield* readJsonLines(reader);
    else if (found === 'otlp-proto') yield* readCounted(reader);
  } catch (error) {
    if (!(error instanceof UnreadableContent)) throw error;
    const { message: reason } = error;
    yield { kind: 'skipped', offset: reader.offset, line: undefined, reason };
  }
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
