/** Reads the segments of an output directory batch by batch, and of each the wanted rows. */
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

/** Something in a segment that cannot be read; all else is. */
export interface ArchiveFault {
  readonly kind: 'fault';
  /** What kind of fault it is, by docs/errors.md. */
  readonly code: FaultCode;
  /** Of the segment, below the output directory. */
  readonly path: string;
  /** In the file. */
  readonly offset: number;
  readonly what: string;
}

/** What is to be read, as the directory is at the moment. */
export interface ReadPlan {
  readonly signal: Signal;
  readonly filter: RowFilter;
  readonly segments: readonly SegmentSummary[];
  /** Of the segments' files. */
  readonly bytes: number;
}

export interface SelectedBatch {
  readonly kind: 'batch';
  readonly signal: Signal;
  /** Of the segment, below the output directory. */
  readonly path: string;
  /** Valid until the next is asked for. */
  readonly batch: StoredBatch;
  /** How many of its rows are wanted: at least one. */
  readonly rowCount: number;
  /** A byte for each row, 1 where it is wanted; undefined where all are. */
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
   * The batches with wanted rows, of each recorder by ascending batch_id, one in memory at a time.
   * Segments that are gone by now are left out. `onBytes` is told of each part that is done with.
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
          // What a decompressor has given is freed when others have had their turn.
          await setImmediate();
        }
      }
    }
  }

  /** One group's batches by their positions; a segment is opened when its first is due. */
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

/** Of one that the disk does not give now nothing is known: why, is found out when it is read. */
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

/** What a thrown error says of the batch whose columns were read; throws what is none of these. */
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
