/** Reads a segment to its last byte and reports everything that is wrong with it. */
import { setImmediate } from 'node:timers/promises';
import type { Decompress } from '../../shared/decompress.ts';
import type { FaultCode } from '../../shared/errors.ts';
import { readRange } from '../file-range.ts';
import { type ArrowSchema, columnLines, readArrowSchema } from '../ipc/arrow-schema.ts';
import { BatchBody, bodyLayoutFault } from '../ipc/batch-body.ts';
import { readBatchHeader } from '../ipc/batch-header.ts';
import { checkBodyChecksum } from '../ipc/body-checksum.ts';
import { type BatchLayout, planBatchLayout } from '../ipc/column-layout.ts';
import { footerFault } from '../ipc/footer-reader.ts';
import { streamStart } from '../ipc/ipc-file-format.ts';
import { messagePrefixBytes } from '../ipc/ipc-format.ts';
import { readMessages, type StreamEnd, type StreamMessage } from '../ipc/ipc-reader.ts';
import { readLogRange } from '../ipc/message-metadata.ts';
import type { OpenFile, Storage } from '../storage.ts';
import { BatchFacts } from './batch-facts.ts';
import { checkColumn } from './column-check.ts';
import type { FileFault, FileReport } from './file-report.ts';

export interface SegmentCheckOptions {
  readonly storage: Storage;
  readonly decompress: Decompress;
  /** The schemas that this version writes, by the name in `otlp.archive.schema`. */
  readonly schemas: ReadonlyMap<string, ArrowSchema>;
  /** Called with the size of each part of the file that has been checked. */
  readonly onProgress?: (bytes: number) => void;
}

/** The first hundred faults are enough for a file that is damaged throughout. */
const faultCountMax = 100;

/**
 * Needs memory for one batch. Bytes that are appended while it runs are not checked. It yields to
 * other tasks after each batch, because only then the output of a decompressor is freed.
 */
export async function checkSegment(
  file: OpenFile,
  options: SegmentCheckOptions,
): Promise<FileReport> {
  const check = new SegmentCheck(file, options);
  let state: FileReport['state'] = 'torn';
  for (const item of readMessages(options.storage, file)) {
    if (item.kind === 'end') {
      state = item.state === 'open' ? 'active' : item.state;
      check.end(item);
    } else if (item.kind === 'schema') check.schema(item);
    else {
      check.batch(item);
      await setImmediate();
    }
  }
  return { state, ...check.result() };
}

class SegmentCheck {
  readonly #file: OpenFile;
  readonly #options: SegmentCheckOptions;
  readonly #faults: FileFault[] = [];
  #schema: ArrowSchema | undefined;
  #layout: BatchLayout | undefined;
  #lastPosition = 0n;
  #schemaMessage: StreamMessage | undefined;
  readonly #batches: { readonly offset: number; readonly bytes: number }[] = [];
  #rows = 0;

  constructor(file: OpenFile, options: SegmentCheckOptions) {
    this.#file = file;
    this.#options = options;
  }

  result(): Omit<FileReport, 'state'> {
    const { bytes } = this.#options.storage.statOpen(this.#file);
    const counts = { batches: this.#batches.length, rows: this.#rows };
    return { bytes, counts, faults: this.#faults };
  }

  schema(message: StreamMessage): void {
    this.#schemaMessage = message;
    const schema = readArrowSchema(this.#metadata(message));
    this.#progress(message);
    if (typeof schema === 'string') {
      this.#report(
        'ERR_ARCHER_SCHEMA_UNKNOWN',
        message.offset,
        `the schema cannot be used: ${schema}`,
      );
      return;
    }
    this.#schema = schema;
    this.#layout = planBatchLayout(schema.fields);
    for (const what of schemaFaults(schema, this.#options.schemas)) {
      this.#report('ERR_ARCHER_SCHEMA_UNKNOWN', message.offset, what);
    }
  }

  batch(message: StreamMessage): void {
    const { offset, bodyOffset, bodyBytes } = message;
    this.#batches.push({ offset, bytes: bodyOffset + bodyBytes - offset });
    this.#rows += message.rows;
    const checksum = checkBodyChecksum(this.#options.storage, this.#file, message);
    if (checksum === 'missing') {
      this.#report(
        'ERR_ARCHER_BATCH_DAMAGED',
        message.offset,
        'archer.crc32 is missing or cannot be read',
      );
    } else if (checksum === 'wrong') {
      this.#report(
        'ERR_ARCHER_BATCH_DAMAGED',
        message.bodyOffset,
        'the body does not have the checksum of archer.crc32',
      );
    }
    this.#checkRange(message);
    if (this.#layout !== undefined) this.#checkContent(message, this.#layout);
    this.#progress(message);
  }

  end({ offset, fault }: StreamEnd): void {
    if (fault === undefined) {
      this.#checkFooter(offset);
      return;
    }
    const { bytes } = this.#options.storage.statOpen(this.#file);
    const what = `the last ${bytes - offset} bytes are no part of the stream: ${fault}`;
    this.#report('ERR_ARCHER_SEGMENT_TORN', offset, bytes === 0 ? fault : what);
  }

  /** Checks the footer of an Arrow IPC file. A stream has none. */
  #checkFooter(end: number): void {
    const { storage } = this.#options;
    const schema = this.#schemaMessage;
    if (schema === undefined || streamStart(storage, this.#file) === 0) return;
    const fault = footerFault(storage, this.#file, { schema, batches: this.#batches, end });
    if (fault !== undefined) this.#report('ERR_ARCHER_FOOTER_WRONG', end, fault);
  }

  #checkContent(message: StreamMessage, layout: BatchLayout): void {
    const { storage, decompress } = this.#options;
    const header = readBatchHeader(this.#metadata(message), layout);
    const fault =
      typeof header === 'string' ? header : bodyLayoutFault(header.buffers, message.bodyBytes);
    if (typeof header === 'string' || fault !== undefined) {
      this.#report(
        'ERR_ARCHER_BATCH_DAMAGED',
        message.offset,
        `the batch's header cannot be right: ${fault}`,
      );
      return;
    }
    const { nodes, buffers } = header;
    const body = new BatchBody({ storage, file: this.#file, message, buffers, decompress });
    const facts = new BatchFacts();
    const batch = {
      nodes,
      body,
      report: (offset: number, what: string) => {
        this.#report('ERR_ARCHER_BATCH_DAMAGED', offset, what);
      },
      take: facts.take.bind(facts),
    };
    for (const column of layout.columns) checkColumn(column, message.rows, batch);
    for (const what of facts.faults(message.customMetadata, message.rows)) {
      this.#report('ERR_ARCHER_BATCH_METADATA_WRONG', message.offset, what);
    }
  }

  /** Positions must rise and belong to the recorder that the schema names. */
  #checkRange({ offset, customMetadata }: StreamMessage): void {
    const range = readLogRange(customMetadata);
    if (range === undefined) return;
    if (this.#schema?.metadata.get('otlp.archive.recorder') !== range.recorder) {
      this.#report(
        'ERR_ARCHER_BATCH_METADATA_WRONG',
        offset,
        `archer.wal is of recorder ${range.recorder}, and the schema is not`,
      );
    }
    if (range.from <= this.#lastPosition) {
      const before = `after position ${this.#lastPosition}`;
      this.#report(
        'ERR_ARCHER_BATCH_METADATA_WRONG',
        offset,
        `archer.wal starts at ${range.from}, ${before}: it must rise`,
      );
    }
    this.#lastPosition = range.to;
  }

  #metadata({ offset, metadataBytes }: StreamMessage): Uint8Array {
    const { storage } = this.#options;
    return readRange(storage, this.#file, offset + messagePrefixBytes, metadataBytes);
  }

  #progress({ metadataBytes, bodyBytes }: StreamMessage): void {
    this.#options.onProgress?.(messagePrefixBytes + metadataBytes + bodyBytes);
  }

  #report(code: FaultCode, offset: number, what: string): void {
    if (this.#faults.length < faultCountMax) this.#faults.push({ code, offset, what });
    else if (this.#faults.length === faultCountMax) {
      this.#faults.push({ code, offset, what: 'more is wrong from here on' });
    }
  }
}

/** Differences from the known schema of the same name. */
function schemaFaults(
  { fields, metadata }: ArrowSchema,
  schemas: ReadonlyMap<string, ArrowSchema>,
): string[] {
  const faults: string[] = [];
  for (const key of ['otlp.archive.writer', 'otlp.archive.recorder']) {
    if (!metadata.get(key)) faults.push(`the schema does not say ${key}`);
  }
  const name = metadata.get('otlp.archive.schema');
  const expected = schemas.get(name ?? '');
  if (expected === undefined) {
    const known = [...schemas.keys()].join(', ');
    const what =
      name === undefined ? 'the schema names no otlp.archive.schema' : `the schema is ${name}`;
    return [...faults, `${what}: not one that is known here (${known})`];
  }
  const lines = columnLines(fields);
  const expectedLines = columnLines(expected.fields);
  const count = Math.max(lines.length, expectedLines.length);
  for (let index = 0; index < count; index++) {
    const [found = 'nothing', wanted = 'nothing'] = [lines[index], expectedLines[index]];
    if (found === wanted) continue;
    return [...faults, `the schema has ${found} where ${name} has ${wanted}`];
  }
  return faults;
}
