/** Encodes the rows that a decoder holds as the body of an Arrow RecordBatch. */
import type { Compress } from '../../shared/compress.ts';
import type { BatchStats, EncodedBatch } from '../../shared/encoded-batch.ts';
import { invariant } from '../../shared/invariant.ts';
import { type Signal, signalNumber } from '../../shared/signal.ts';
import type { BatchSource } from './batch-source.ts';
import { BodyRegion } from './body-region.ts';
import { BodyWriter } from './body-writer.ts';
import { entryKind, readCutTable } from './cut-table.ts';
import { distinctTexts } from './run-column.ts';

/** Encodes the batches of a lane, one after the other. */
export class BatchEncoder {
  readonly #source: BatchSource;
  readonly #compression: EncodedBatch['compression'];
  readonly #compress: Compress | undefined;
  readonly #region: BodyRegion;

  constructor(source: BatchSource, compression: EncodedBatch['compression'], compress: Compress) {
    this.#source = source;
    this.#compression = compression;
    this.#compress = compression === 'zstd' ? compress : undefined;
    this.#region = new BodyRegion(source);
  }

  /**
   * Encodes the rows of a signal. They stay in the decoder: the caller resets it after the batch is
   * written. The body lies in the decoder's memory and is valid until the next batch of any signal
   * is encoded.
   */
  encode(signal: Signal): EncodedBatch {
    const source = this.#source;
    const number = signalNumber(signal);
    const entryCount = source.cut(number);
    invariant(entryCount > 0, 'the memory has room to cut a batch within its limit');
    const entries = readCutTable(source.memory.buffer, source.cutTable(), entryCount);
    const body = new BodyWriter(source, this.#region, this.#compress);
    const nodes: number[] = [];
    for (const entry of entries) {
      if (entry.kind === entryKind.node) nodes.push(entry.bytes, entry.aux);
      else body.write(entry);
    }
    const traceIdFilter = buildTraceIdFilter(source, number, body);
    return {
      rows: source.rows(number),
      nodes,
      buffers: body.buffers,
      compression: this.#compression,
      stats: readStats(source, number),
      ...(traceIdFilter && { traceIdFilter }),
      // This comes last, because everything before may move the body.
      body: body.end(),
    };
  }
}

/** Returns the filter over the batch's trace ids; undefined for a signal without trace ids. */
function buildTraceIdFilter(
  source: BatchSource,
  signal: number,
  body: BodyWriter,
): Uint8Array | undefined {
  const traceIds = source.traceIds(signal);
  if (traceIds === 0) return undefined;
  const rows = source.rows(signal);
  const target = body.reserve(source.traceFilterBound(rows));
  const filterBytes = source.traceFilter(target, traceIds, rows);
  return new Uint8Array(source.memory.buffer, target, filterBytes).slice();
}

function readStats(source: BatchSource, signal: number): BatchStats {
  return {
    rows: source.rows(signal),
    firstTime: source.firstTime(signal) || null,
    lastTime: source.lastTime(signal) || null,
    firstReceivedTime: source.firstReceivedTime(signal),
    lastReceivedTime: source.lastReceivedTime(signal),
    services: distinctTexts(source.memory.buffer, source.servicesRun(signal)),
  };
}
