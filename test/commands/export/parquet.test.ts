/** An exported Parquet file is read back with all rows, and ends as its source does. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { RecordBatchReader } from 'apache-arrow';
import { ParquetFile, readParquet, type Table } from 'parquet-wasm';
import type { ExportSource } from '../../../src/commands/export/export-source.ts';
import { parquet } from '../../../src/commands/export/parquet.ts';
import { type Signal, signals } from '../../../src/shared/signal.ts';
import { readStructs } from '../../columns/arrow-batch.ts';
import { readSignal } from '../../query/recorded-rows.ts';
import { chooseSeed, TestRandom } from '../../random.ts';
import { cleanUp } from '../../recorder/recorder-process.ts';
import { encodedBy, openSource, randomArchive } from './exported.ts';

after(cleanUp);

function rowsOf(table: Table) {
  const reader = RecordBatchReader.from(table.intoIPCStream());
  const batches = [...reader].filter(({ numRows }) => numRows > 0);
  return batches.flatMap(({ data }) => readStructs(data));
}

/** One that fails, or is asked on and on. */
function sourceOf(signal: Signal, encoded: ExportSource['encoded']): ExportSource {
  return { signal, recorders: ['r'], encoded } as unknown as ExportSource;
}

describe('exported Parquet', () => {
  for (const signal of signals) {
    it(`${signal}: the rows of the archive, and its metadata`, async (test) => {
      const seed = chooseSeed();
      test.diagnostic(`SEED=${seed}`);
      const { builder } = randomArchive(new TestRandom(seed), signal);
      const bytes = await encodedBy(parquet, openSource(builder, signal).source);
      const expected = readSignal(builder.outputDir, signal);
      assert.deepEqual(rowsOf(readParquet(bytes)), expected);
      const file = await ParquetFile.fromFile(new Blob([new Uint8Array(bytes)]));
      const metadata = file.metadata().fileMetadata().keyValueMetadata();
      assert.match(metadata.get('otlp.archive.schema'), /^(spans|metrics|logs)\/1$/);
      assert.equal(file.metadata().rowGroup(0).column(0).compression(), 5);
      const none = openSource(builder, signal, { from: 2n ** 63n - 1n }).source;
      const empty = readParquet(await encodedBy(parquet, none));
      assert.deepEqual([...empty.schema.metadata().keys()].length, 3);
      assert.deepEqual(rowsOf(empty), []);
    });
  }

  it('a source that fails: the same error, first or later', async (test) => {
    const { builder } = randomArchive(new TestRandom(1), 'traces');
    for (const good of [0, 2]) {
      const source = sourceOf('traces', async function* (encode) {
        let left = good;
        for await (const made of openSource(builder, 'traces').source.encoded(encode)) {
          if (left-- === 0) throw new Error('the disk burns');
          yield made;
        }
      });
      await assert.rejects(encodedBy(parquet, source), /the disk burns/);
      test.diagnostic(`after ${good}`);
    }
  });

  it('a target that wants no more: the source is asked no more', async () => {
    const { builder } = randomArchive(new TestRandom(1), 'traces');
    let hasEnded = false;
    const source = sourceOf('traces', async function* (encode) {
      try {
        // A piece is given once a row group is full: the same batch again and again fills it soon.
        for await (const made of openSource(builder, 'traces').source.encoded(encode)) {
          for (;;) yield made;
        }
      } finally {
        hasEnded = true;
      }
    });
    for await (const piece of parquet(source)) {
      assert.ok(piece.byteLength > 0);
      break;
    }
    assert.equal(hasEnded, true);
  });
});
