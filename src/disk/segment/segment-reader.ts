/** Reads the batches of a segment in order, also while it is being written. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultCode } from '../../shared/errors.ts';
import { readRange } from '../file-range.ts';
import { type ArrowSchema, columnLines, readArrowSchema } from '../ipc/arrow-schema.ts';
import { type BatchLayout, planBatchLayout } from '../ipc/column-layout.ts';
import { messagePrefixBytes } from '../ipc/ipc-format.ts';
import { readMessages, type StreamEnd, type StreamMessage } from '../ipc/ipc-reader.ts';
import { findWholeBatch } from '../ipc/message-search.ts';
import { sealedPath } from '../layout.ts';
import type { OpenFile, Storage } from '../storage.ts';
import { ifThere } from '../tolerated-faults.ts';

/** A part of a segment that cannot be read. Reading continues after it. */
export interface SegmentFault {
  readonly kind: 'fault';
  readonly code: FaultCode;
  /** Offset in the file, in bytes. */
  readonly offset: number;
  readonly what: string;
}

/** A batch for openStoredBatch. The checksum of its body has not been checked. */
export interface SegmentBatch {
  readonly kind: 'batch';
  readonly message: StreamMessage;
  readonly layout: BatchLayout;
}

export interface SegmentReaderOptions {
  readonly storage: Storage;
  readonly file: OpenFile;
  /** The schema that segments of this signal must have. */
  readonly schema: ArrowSchema;
}

/** Appending a batch of 256 MiB takes less than a second; most batches take a millisecond. */
const appendPauseMs = 100;
const appendLooksMax = 10;

/** Undefined if the segment is gone. A staged segment may have been sealed since it was listed. */
export function openSegment(
  storage: Storage,
  outputDir: string,
  path: string,
): OpenFile | undefined {
  for (const candidate of [path, sealedPath(path)]) {
    if (candidate === undefined) continue;
    const file = ifThere(() => storage.open(join(outputDir, candidate), 'read'));
    if (file !== undefined) return file;
  }
  return undefined;
}

/**
 * Also returns batches that are appended while it runs. A torn tail is read again as long as it
 * grows; otherwise it is reported as a fault, and so are damaged bytes before a whole batch.
 */
export async function* readSegmentBatches(
  options: SegmentReaderOptions,
): AsyncGenerator<SegmentBatch | SegmentFault, undefined, undefined> {
  const { storage, file } = options;
  const walk = new SegmentWalk(options);
  let offset: number | undefined = 0;
  while (offset !== undefined) {
    const end: StreamEnd | undefined = yield* walk.from(offset);
    if (end?.state !== 'torn') return;
    if (await grows(storage, file, end)) offset = end.offset;
    else {
      yield tornFault(storage, file, end);
      offset = walk.isOver(end) ? undefined : findWholeBatch(storage, file, end.offset);
    }
  }
}

class SegmentWalk {
  readonly #options: SegmentReaderOptions;
  #layout: BatchLayout | undefined;

  constructor(options: SegmentReaderOptions) {
    this.#options = options;
  }

  /** True if no further part of the stream can follow this end. */
  isOver({ fault }: StreamEnd): boolean {
    return fault === 'bytes follow the end mark' || this.#layout === undefined;
  }

  /** Returns how the stream ends; undefined if its schema is another one. */
  *from(offset: number): Generator<SegmentBatch | SegmentFault, StreamEnd | undefined, undefined> {
    const { storage, file } = this.#options;
    for (const item of readMessages(storage, file, offset)) {
      if (item.kind === 'end') return item;
      if (item.kind === 'recordBatch') {
        yield { kind: 'batch', message: item, layout: this.#layout! };
      } else {
        const what = this.#takeSchema(item);
        if (what === undefined) continue;
        yield { kind: 'fault', code: 'ERR_ARCHER_SCHEMA_UNKNOWN', offset: item.offset, what };
        return undefined;
      }
    }
    return undefined;
  }

  /** Undefined if the schema is right, otherwise one phrase that says what is wrong. */
  #takeSchema({ offset, metadataBytes }: StreamMessage): string | undefined {
    const { storage, file, schema: expected } = this.#options;
    const metadata = readRange(storage, file, offset + messagePrefixBytes, metadataBytes);
    const schema = readArrowSchema(metadata);
    if (typeof schema === 'string') return `the schema cannot be used: ${schema}`;
    const name = (of: ArrowSchema) => of.metadata.get('otlp.archive.schema');
    const [found, wanted] = [columnLines(schema.fields), columnLines(expected.fields)];
    if (name(schema) !== name(expected) || found.join() !== wanted.join()) {
      return `the schema is ${name(schema)}, not ${name(expected)} as this version knows it`;
    }
    this.#layout = planBatchLayout(schema.fields);
    return undefined;
  }
}

/** True if another process is still writing after the last whole message. */
async function grows(
  storage: Storage,
  file: OpenFile,
  { offset, fault }: StreamEnd,
): Promise<boolean> {
  if (fault !== 'a message is cut short' && fault !== 'the file is empty') return false;
  let { bytes } = storage.statOpen(file);
  for (let look = 0; look < appendLooksMax; look++) {
    await sleep(appendPauseMs);
    const now = storage.statOpen(file).bytes;
    const { value } = readMessages(storage, file, offset).next();
    if (value?.kind !== 'end' || value.state !== 'torn') return true;
    if (now === bytes) return false;
    bytes = now;
  }
  return false;
}

function tornFault(storage: Storage, file: OpenFile, { offset, fault }: StreamEnd): SegmentFault {
  const { bytes } = storage.statOpen(file);
  const what = `${bytes - offset} bytes are no part of the stream: ${fault}`;
  return {
    ...{ kind: 'fault', code: 'ERR_ARCHER_SEGMENT_TORN', offset },
    what: bytes === 0 ? 'the file is empty' : what,
  };
}
