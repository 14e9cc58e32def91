/** Compares the metadata of a batch with its rows. */
import { toBatchId } from '../../shared/batch-id.ts';
import { mayContainTraceId } from '../../shared/trace-filter.ts';
import type { ColumnLayout } from '../ipc/column-layout.ts';
import { traceIdFilterBytesMax } from '../ipc/ipc-format.ts';
import {
  type LogRange,
  readLogRange,
  readStats,
  readTraceIdFilter,
  type SegmentStats,
} from '../ipc/message-metadata.ts';
import type { ColumnValues } from './column-check.ts';

/** Smallest and greatest number, and true if the numbers never fall. */
interface NumberRange {
  readonly least: bigint | null;
  readonly greatest: bigint | null;
  readonly rises: boolean;
}

/** docs/format/record-batch.md specifies 10 bits for each distinct id. */
const filterBitsPerId = 10;

/** Facts from the rows of one batch. A fact is undefined if the schema has no column for it. */
export class BatchFacts {
  #times: NumberRange | undefined;
  #receivedTimes: NumberRange | undefined;
  #batchIds: NumberRange | undefined;
  #services: ReadonlySet<string> | undefined;
  #traceIds: ReadonlySet<string> | undefined;

  /** Call this for each column. Nested columns have longer paths and are ignored. */
  take({ path, field }: ColumnLayout, values: ColumnValues): void {
    if (path === 'received_time') this.#receivedTimes = toNumberRange(values);
    else if (path === 'batch_id') this.#batchIds = toNumberRange(values);
    else if (path === 'service_name') this.#services = new Set(texts(values));
    else if (path === 'trace_id') this.#traceIds = new Set(texts(values));
    else if (path === field.name && field.type === 'timestamp(ns)') {
      // A signal's own time is its first timestamp column.
      this.#times ??= toNumberRange(values);
    }
  }

  /** One sentence for each metadata entry that is missing or disagrees with the rows. */
  faults(metadata: ReadonlyMap<string, string>, rows: number): string[] {
    const stats = readStats(metadata);
    const range = readLogRange(metadata);
    return [
      ...(stats === undefined ? [unreadable('archer.stats')] : this.#statsFaults(stats, rows)),
      ...(range === undefined ? [unreadable('archer.wal')] : this.#rangeFaults(range)),
      ...this.#filterFaults(readTraceIdFilter(metadata)),
    ];
  }

  #statsFaults(stats: SegmentStats, rows: number): string[] {
    const services = this.#services && [...this.#services];
    const pairs = [
      ['rows', stats.rows, rows],
      ['first_time', stats.firstTime, this.#times?.least],
      ['last_time', stats.lastTime, this.#times?.greatest],
      ['first_received_time', stats.firstReceivedTime, this.#receivedTimes?.least],
      ['last_received_time', stats.lastReceivedTime, this.#receivedTimes?.greatest],
      ['services', listed(stats.services), stats.services && listed(services)],
    ] as const;
    return pairs
      .filter(([, stated, found]) => found !== undefined && stated !== found)
      .map(([name, stated, found]) => `archer.stats says ${name} ${stated} and the rows ${found}`);
  }

  /** The first and last row must belong to the first and last request of the range. */
  #rangeFaults({ lane, from, to }: LogRange): string[] {
    const ids = this.#batchIds;
    if (ids === undefined) return [];
    if (!ids.rises) return ['column batch_id: it does not rise from row to row'];
    const isRange = ids.least === toBatchId(lane, from) && ids.greatest === toBatchId(lane, to);
    const found = `${ids.least} to ${ids.greatest}`;
    return isRange
      ? []
      : [`archer.wal says lane ${lane}, ${from} to ${to}, and the rows batch_id ${found}`];
  }

  #filterFaults(filter: Uint8Array | undefined): string[] {
    const traceIds = [...(this.#traceIds ?? [])];
    if (traceIds.length === 0) return [];
    if (filter === undefined) {
      const isTooLarge = (traceIds.length * filterBitsPerId) / 8 > traceIdFilterBytesMax;
      return isTooLarge ? [] : [unreadable('archer.trace_ids')];
    }
    const missing = traceIds.find((id) => !mayContainTraceId(filter, id));
    return missing === undefined ? [] : [`archer.trace_ids lacks trace ${missing}`];
  }
}

function unreadable(key: string): string {
  return `${key} is missing or cannot be read`;
}

function listed(services: readonly string[] | null | undefined): string | null | undefined {
  return services && JSON.stringify(services);
}

function toNumberRange({ length, validity, data }: ColumnValues): NumberRange {
  const numbers = toInt64(data);
  let least: bigint | null = null;
  let greatest: bigint | null = null;
  let rises = true;
  for (let row = 0; row < length; row++) {
    if (isNull(validity, row)) continue;
    const number = numbers[row]!;
    if (greatest !== null && number < greatest) rises = false;
    if (least === null || number < least) least = number;
    if (greatest === null || number > greatest) greatest = number;
  }
  return { least, greatest, rises };
}

/** Copies if needed, because the output of a decompressor may not be aligned. */
function toInt64(bytes: Uint8Array): BigInt64Array {
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  return new BigInt64Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 8);
}

/** The values that are not NULL. Equal consecutive values are returned once. */
function* texts({ length, validity, offsets, data }: ColumnValues): Generator<string> {
  let previous: Buffer | undefined;
  for (let row = 0; row < length; row++) {
    if (isNull(validity, row)) continue;
    const [start, end] = [offsets?.[row] ?? 0, offsets?.[row + 1] ?? 0];
    const text = Buffer.from(data.buffer, data.byteOffset + start, end - start);
    if (previous?.equals(text)) continue;
    previous = text;
    yield text.toString('utf8');
  }
}

function isNull(validity: Uint8Array | undefined, row: number): boolean {
  return validity !== undefined && ((validity[row >> 3]! >> (row & 7)) & 1) === 0;
}
