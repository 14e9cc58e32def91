/**
 * The library's reader of an output directory: rows and requests, one batch in memory at a time.
 */
import { isFolderAt } from '../disk/folder-at.ts';
import { nativeDecompress } from '../disk/ipc/zstd.ts';
import { nodeStorage } from '../disk/storage.ts';
import { systemClock } from '../shared/clock.ts';
import { ArcherError, problem } from '../shared/errors.ts';
import type { Signal } from '../shared/signal.ts';
import { parseTime } from '../shared/time-text.ts';
import { type ArchiveFault, ArchiveReader, batchFault } from './archive-reader.ts';
import { type ArchivedRequest, rebuildRequests } from './archived-requests.ts';
import { archivedSchema } from './archived-schema.ts';
import type { RowFilter, TextColumn } from './row-filter.ts';
import { rowObjects } from './row-objects.ts';
import type { LogRow, MetricRow, SignalRows, SpanRow } from './rows.ts';

/** Unix nanoseconds, a Date, or text: RFC 3339, or `-15m` for 15 minutes ago. */
export type TimeBound = bigint | Date | string;

export interface TimeQuery {
  /**
   * Earliest time, inclusive. It applies to the start of a span, to the time of a metric point, and
   * to the time of a log record or, without one, its observed time.
   */
  readonly from?: TimeBound;
  /** Latest time, exclusive. */
  readonly to?: TimeBound;
  /** Name of the service. With a list, one of the names must match. */
  readonly service?: string | readonly string[];
}

export interface RowQuery<Column> extends TimeQuery {
  /** Returns only these columns. This is faster, because the others are not read. */
  readonly columns?: readonly Column[];
}

export interface SpanQuery<Column> extends RowQuery<Column> {
  readonly name?: string | readonly string[];
  /** Lower-case hexadecimal digits. */
  readonly traceId?: string;
}

export interface LogQuery<Column> extends RowQuery<Column> {
  readonly eventName?: string | readonly string[];
  readonly traceId?: string;
}

export interface MetricQuery<Column> extends RowQuery<Column> {
  readonly name?: string | readonly string[];
}

export interface RequestQuery extends TimeQuery {
  /** If absent, the requests of all three signals are returned, one signal after the other. */
  readonly signal?: Signal;
}

export interface ArchiveOptions {
  /**
   * Called for each part that cannot be read; all others are returned. The fault has a code of
   * docs/errors.md. Default: a process warning with the same code.
   */
  readonly onFault?: (fault: ArchiveFault) => void;
}

/**
 * Each call reads the current state of the directory, also while a recorder writes to it. Iterating
 * throws an ArcherError: ERR_ARCHER_COLUMN_UNKNOWN for a column that the signal does not have, and
 * ERR_ARCHER_TIME_INVALID for a bound that cannot be parsed.
 */
export class Archive {
  readonly #reader: ArchiveReader;
  readonly #onFault: (fault: ArchiveFault) => void;

  constructor(outputDir: string, options: ArchiveOptions = {}) {
    const decompress = nativeDecompress();
    this.#reader = new ArchiveReader({ storage: nodeStorage, outputDir, decompress });
    this.#onFault = options.onFault ?? warn;
  }

  spans<Column extends keyof SpanRow = keyof SpanRow>(
    query: SpanQuery<Column> = {},
  ): AsyncGenerator<Pick<SpanRow, Column>, undefined, undefined> {
    const { name, traceId } = query;
    return this.#rows('traces', query, [
      ['name', name],
      ['trace_id', traceId],
    ]);
  }

  logs<Column extends keyof LogRow = keyof LogRow>(
    query: LogQuery<Column> = {},
  ): AsyncGenerator<Pick<LogRow, Column>, undefined, undefined> {
    const { eventName, traceId } = query;
    return this.#rows('logs', query, [
      ['event_name', eventName],
      ['trace_id', traceId],
    ]);
  }

  metrics<Column extends keyof MetricRow = keyof MetricRow>(
    query: MetricQuery<Column> = {},
  ): AsyncGenerator<Pick<MetricRow, Column>, undefined, undefined> {
    return this.#rows('metrics', query, [['name', query.name]]);
  }

  /**
   * Returns all spans of a trace, ordered by start. The trace id filters of the batches decide
   * which batches have to be read.
   */
  async trace(id: string): Promise<SpanRow[]> {
    const spans: SpanRow[] = [];
    for await (const span of this.spans({ traceId: id.toLowerCase() })) spans.push(span);
    return spans.sort((a, b) => Number((a.start_time ?? 0n) - (b.start_time ?? 0n)));
  }

  /** Rebuilds the OTLP requests. A request keeps only those of its rows that the query selects. */
  async *requests(query: RequestQuery = {}): AsyncGenerator<ArchivedRequest, undefined, undefined> {
    const chosen: readonly Signal[] = query.signal ? [query.signal] : ['traces', 'metrics', 'logs'];
    const filter = toFilter(query, []);
    for (const signal of chosen) {
      const batches = this.#reader.batches(this.#reader.plan(signal, filter));
      for await (const found of rebuildRequests(signal, batches)) {
        if (found.kind === 'fault') this.#onFault(found);
        else yield found;
      }
    }
  }

  async *#rows<S extends Signal, Column extends keyof SignalRows[S]>(
    signal: S,
    query: RowQuery<Column>,
    texts: TextChoices,
  ): AsyncGenerator<Pick<SignalRows[S], Column>, undefined, undefined> {
    const names = query.columns && knownColumns(signal, query.columns as readonly string[]);
    const plan = this.#reader.plan(signal, toFilter(query, texts));
    for await (const found of this.#reader.batches(plan)) {
      if (found.kind === 'fault') {
        this.#onFault(found);
        continue;
      }
      const rows = rowObjects(found, names);
      for (;;) {
        // Catches only errors of reading. Errors of the caller's own loop body pass through.
        let next: IteratorResult<Record<string, unknown>>;
        try {
          next = rows.next();
        } catch (error) {
          this.#onFault(batchFault(found, error));
          break;
        }
        if (next.done) break;
        yield next.value as unknown as Pick<SignalRows[S], Column>;
      }
    }
  }
}

/**
 * Opens an output directory for reading. Throws an ArcherError with ERR_ARCHER_DIRECTORY_MISSING if
 * the path is not a folder.
 */
export function openArchive(outputDir: string, options: ArchiveOptions = {}): Archive {
  if (!isFolderAt(nodeStorage, outputDir)) {
    throw new ArcherError(problem('ERR_ARCHER_DIRECTORY_MISSING', { directory: outputDir }));
  }
  return new Archive(outputDir, options);
}

type TextChoices = readonly (readonly [TextColumn, string | readonly string[] | undefined])[];

function toFilter({ from, to, service }: TimeQuery, choices: TextChoices): RowFilter {
  const texts = new Map<TextColumn, ReadonlySet<string>>();
  for (const [column, wanted] of [['service_name', service] as const, ...choices]) {
    if (wanted !== undefined) texts.set(column, new Set([wanted].flat()));
  }
  return {
    ...(from !== undefined && { from: toUnixNs('from', from) }),
    ...(to !== undefined && { to: toUnixNs('to', to) }),
    texts,
  };
}

const nsPerMs = 1_000_000n;

function toUnixNs(name: string, bound: TimeBound): bigint {
  if (typeof bound === 'bigint') return bound;
  if (bound instanceof Date) return BigInt(bound.getTime()) * nsPerMs;
  const time = parseTime(bound, systemClock.unixNs());
  if (time === undefined) {
    throw new ArcherError(problem('ERR_ARCHER_TIME_INVALID', { name, text: bound }));
  }
  return time;
}

function knownColumns(signal: Signal, columns: readonly string[]): ReadonlySet<string> {
  const known = archivedSchema(signal).fields.map(({ name }) => name);
  const unknown = columns.find((column) => !known.includes(column));
  if (unknown !== undefined) {
    throw new ArcherError(problem('ERR_ARCHER_COLUMN_UNKNOWN', { signal, column: unknown }));
  }
  return new Set(columns);
}

function warn({ code, ...facts }: ArchiveFault): void {
  process.emitWarning(problem(code, facts).message, { type: 'ArchiveFault', code });
}
