/** Reads the segments of an output directory batch by batch and selects rows by a filter. */
import { setImmediate } from 'node:timers/promises';
import { lookUpSegment } from '../disk/catalogue/catalogue.ts';
import { readCatalogue } from '../disk/catalogue/catalogue-file.ts';
import type { SegmentSummary } from '../disk/catalogue/segment-summary.ts';
import { checkBodyChecksum } from '../disk/ipc/body-checksum.ts';
import { messagePrefixBytes } from '../disk/ipc/ipc-format.ts';
import type { StreamMessage } from '../disk/ipc/ipc-reader.ts';
import { DamagedColumnError, openStoredBatch, type StoredBatch } from '../disk/ipc/stored-batch.ts';
import { type SegmentFile, segmentFiles } from '../disk/segment/segment-files.ts';
import type { SegmentBatch, SegmentFault } from '../disk/segment/segment-reader.ts';
import type { Storage } from '../disk/storage.ts';
import type { Decompress } from '../shared/decompress.ts';
import type { FaultCode } from '../shared/errors.ts';
import type { Signal } from '../shared/signal.ts';
import { archivedSchema } from './archived-schema.ts';
import { firstPosition, groupSegments } from './batch-order.ts';
import { mayBeInTime, mayHaveBatchRows, mayHaveRows, type RowFilter } from './row-filter.ts';
import { selectRows } from './row-selection.ts';
import { diskFault, SegmentCursor } from './segment-cursor.ts';

export interface ArchiveReaderOptions {
  readonly storage: Storage;
  readonly outputDir: string;
  readonly decompress: Decompress;
}

/** A part of a segment that cannot be read. The other parts are read. */
export interface ArchiveFault {
  readonly kind: 'fault';
  /** The kind of fault, as docs/errors.md lists it. */
  readonly code: FaultCode;
  /** Path of the segment, below the output directory. */
  readonly path: string;
  /** Offset in the file, in bytes. */
  readonly offset: number;
  readonly what: string;
}

/** The segments to read, as they were in the directory when the plan was made. */
export interface ReadPlan {
  readonly signal: Signal;
  readonly filter: RowFilter;
  readonly segments: readonly SegmentSummary[];
  /** Total size of the segments' files. */
  readonly bytes: number;
}

export interface SelectedBatch {
  readonly kind: 'batch';
  readonly signal: Signal;
  /** Path of the segment, below the output directory. */
  readonly path: string;
  /** Valid until the next batch is requested. */
  readonly batch: StoredBatch;
  /** Number of selected rows, at least one. */
  readonly rowCount: number;
  /** One byte for each row, 1 if it is selected; undefined if all rows are. */
  readonly mask: Uint8Array | undefined;
}

export class ArchiveReader {
  readonly #options: ArchiveReaderOptions;

  constructor(options: ArchiveReaderOptions) {
    this.#options = options;
  }

  plan(signal: Signal, filter: RowFilter = {}): ReadPlan {
    const { storage, outputDir } = this.#options;
    const kept = readCatalogue(storage, outputDir);
    const segments = segmentFiles(storage, outputDir, [signal])
      .flatMap((file) => summaryOf(file, () => lookUpSegment(storage, outputDir, file, kept)) ?? [])
      .filter((segment) => mayHaveRows(segment, filter));
    const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
    return { signal, filter, segments, bytes };
  }

  /**
   * Yields the batches with selected rows, one in memory at a time. The batches of each recorder
   * come by ascending batch_id. Segments that are gone by now are left out. `onBytes` is called
   * with the size of each batch that is finished.
   */
  async *batches(
    plan: ReadPlan,
    onBytes: (bytes: number) => void = () => {},
  ): AsyncGenerator<SelectedBatch | ArchiveFault, undefined, undefined> {
    for (const group of groupSegments(plan.segments)) {
      for await (const found of this.#merge(plan.signal, group)) {
        if (found.kind === 'fault') yield found;
        else {
          const { cursor, head } = found;
          const selected = this.#select(plan, cursor, head);
          if (selected !== undefined) yield selected;
          onBytes(messageBytes(head.message));
          // The output of a decompressor is only freed when the event loop continues.
          await setImmediate();
        }
      }
    }
  }

  /** Merges one group's batches by position. A segment is opened when its first batch is due. */
  async *#merge(
    signal: Signal,
    group: readonly SegmentSummary[],
  ): AsyncGenerator<ArchiveFault | { kind: 'head'; cursor: SegmentCursor; head: SegmentBatch }> {
    const left = [...group];
    const open: SegmentCursor[] = [];
    try {
      for (;;) {
        const least = open.reduce<SegmentCursor | undefined>(earlier, undefined);
        const [next] = left;
        if (next !== undefined && (!least || firstPosition(next) <= least.position)) {
          left.shift();
          const cursor = this.#open(signal, next.path);
          if (cursor instanceof SegmentCursor) {
            open.push(cursor);
            yield* named(cursor.path, await cursor.advance());
          } else if (cursor !== undefined) yield { ...cursor, path: next.path };
        } else if (least === undefined) return;
        else {
          if (least.head !== undefined) yield { kind: 'head', cursor: least, head: least.head };
          yield* named(least.path, await least.advance());
        }
        for (const ended of open.filter(({ head }) => head === undefined)) {
          open.splice(open.indexOf(ended), 1);
          ended.close();
        }
      }
    } finally {
      for (const cursor of open) cursor.close();
    }
  }

  #open(signal: Signal, path: string): SegmentCursor | SegmentFault | undefined {
    try {
      return SegmentCursor.open({ ...this.#options, path, schema: archivedSchema(signal) });
    } catch (error) {
      return diskFault(error);
    }
  }

  #select(
    { signal, filter }: ReadPlan,
    { path, file }: SegmentCursor,
    { message, layout }: SegmentBatch,
  ): SelectedBatch | ArchiveFault | undefined {
    if (!mayHaveBatchRows(message, filter)) return undefined;
    const { storage, decompress } = this.#options;
    const fault = (what: string): ArchiveFault => ({
      ...{ kind: 'fault', code: 'ERR_ARCHER_BATCH_DAMAGED', path, what },
      offset: message.offset,
    });
    try {
      const batch = openStoredBatch({ storage, file, message, layout, decompress });
      if (typeof batch === 'string') return fault(`the batch's header cannot be right: ${batch}`);
      if (!mayBeInTime(batch, signal, filter)) return undefined;
      if (checkBodyChecksum(storage, file, message) === 'wrong') {
        return fault('the body does not have the checksum of archer.crc32');
      }
      const { count: rowCount, mask } = selectRows(batch, signal, filter);
      return rowCount === 0 ? undefined : { kind: 'batch', signal, path, batch, rowCount, mask };
    } catch (error) {
      if (error instanceof DamagedColumnError) return fault(columnText(error));
      return { ...diskFault(error), path };
    }
  }
}

/** Returns an empty summary if the segment cannot be read now. Reading it reports the reason. */
function summaryOf(
  { path, signal, number }: SegmentFile,
  look: () => SegmentSummary | undefined,
): SegmentSummary | undefined {
  try {
    return look();
  } catch (error) {
    diskFault(error);
    return {
      ...{ path, signal, number, state: 'torn', bytes: 0, rows: 0, services: null, ranges: null },
      ...{ firstTime: null, lastTime: null, firstReceivedTime: null, lastReceivedTime: null },
    };
  }
}

/** Converts an error thrown while reading a batch to a fault. Rethrows all other errors. */
export function batchFault({ path, batch }: SelectedBatch, error: unknown): ArchiveFault {
  if (!(error instanceof DamagedColumnError)) return { ...diskFault(error), path };
  const { offset } = batch.message;
  return { kind: 'fault', code: 'ERR_ARCHER_BATCH_DAMAGED', path, offset, what: columnText(error) };
}

function columnText({ column, message }: DamagedColumnError): string {
  return `column ${column}: ${message}`;
}

function earlier(a: SegmentCursor | undefined, b: SegmentCursor): SegmentCursor {
  return a === undefined || b.position < a.position ? b : a;
}

function* named(path: string, faults: readonly SegmentFault[]): Generator<ArchiveFault> {
  for (const fault of faults) yield { ...fault, path };
}

function messageBytes({ metadataBytes, bodyBytes }: StreamMessage): number {
  return messagePrefixBytes + metadataBytes + bodyBytes;
}
