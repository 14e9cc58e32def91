/** A Parquet file, zstd within, written row group by row group by arrow-rs in WebAssembly. */

import { planBatchLayout } from '../../disk/ipc/column-layout.ts';
import { endOfStream } from '../../disk/ipc/ipc-format.ts';
import { archivedSchema } from '../../query/archived-schema.ts';
import { type FramedColumns, frameColumns } from '../../query/framed-columns.ts';
import { gatherNothing, gatherSelected } from '../../query/selected-columns.ts';
import { invariant } from '../../shared/invariant.ts';
import type { ExportSource } from './export-source.ts';
import { exportedMetadata, exportedSchema } from './exported-schema.ts';

/** A row group is in memory, encoded, until it is full: of ordinary spans some 5 MiB. */
const rowGroupRowsMax = 100_000;
const rowGroupBytesMax = 64 * 1024 * 1024;

type ParquetModule = typeof import('parquet-wasm');
type RecordBatch = import('parquet-wasm').RecordBatch;

export async function* parquet(source: ExportSource): AsyncGenerator<Uint8Array> {
  // Loaded when it is needed: it is 5 MB of WebAssembly.
  const module: ParquetModule = await import('parquet-wasm');
  const properties = new module.WriterPropertiesBuilder()
    .setCompression(module.Compression.ZSTD)
    .setMaxRowGroupSize(rowGroupRowsMax)
    .setMaxRowGroupBytes(rowGroupBytesMax)
    .setKeyValueMetadata(new Map(exportedMetadata(source)))
    .build();
  const batches = new PulledBatches(recordBatches(source, module));
  try {
    yield* await module.transformParquetStream(batches.stream, properties);
  } catch (error) {
    // The module's own words for it say nothing.
    throw batches.failure ?? error;
  } finally {
    await batches.end();
  }
  // To the module a source that fails is one that ends.
  if (batches.failure !== undefined) throw batches.failure;
}

/** Each is made when it is asked for. */
class PulledBatches {
  readonly stream: ReadableStream<RecordBatch>;
  /** Why the stream has ended before its time. */
  failure: unknown;
  readonly #batches: AsyncGenerator<RecordBatch>;

  constructor(batches: AsyncGenerator<RecordBatch>) {
    this.#batches = batches;
    const pull = (controller: ReadableStreamDefaultController<RecordBatch>) => {
      return this.#pull(controller);
    };
    this.stream = new ReadableStream({ pull }, { highWaterMark: 0 });
  }

  /** To be called even when nobody asks any more: the module goes on asking. */
  async end(): Promise<void> {
    await this.#batches.return(undefined);
  }

  async #pull(controller: ReadableStreamDefaultController<RecordBatch>): Promise<void> {
    try {
      const { done, value } = await this.#batches.next();
      if (done) controller.close();
      else controller.enqueue(value);
    } catch (error) {
      this.failure = error;
      controller.error(error);
    }
  }
}

/** The first has no rows: a file without any has its columns too. */
async function* recordBatches(
  source: ExportSource,
  module: ParquetModule,
): AsyncGenerator<RecordBatch> {
  const schema = exportedSchema(source);
  const layout = planBatchLayout(archivedSchema(source.signal).fields);
  yield toRecordBatch(module, schema, frameColumns(gatherNothing(layout)));
  for await (const framed of source.encoded((batch) => frameColumns(gatherSelected(batch)))) {
    yield toRecordBatch(module, schema, framed);
  }
}

/** In the memory of the module, which takes it over with the batch. */
function toRecordBatch(module: ParquetModule, schema: Uint8Array, framed: FramedColumns) {
  const stream = Buffer.concat([schema, framed.message, framed.body, endOfStream]);
  const table = module.Table.fromIPCStream(stream);
  const batch = table.recordBatch(0);
  table.free();
  invariant(batch !== undefined, 'a stream with one batch has one');
  return batch;
}
