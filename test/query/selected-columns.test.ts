/** The columns gathered from a batch contain exactly the selected rows, whatever the selection. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { RecordBatchReader } from 'apache-arrow';
import { schemaMessage } from '../../src/columns/schema.ts';
import { planBatchLayout } from '../../src/disk/ipc/column-layout.ts';
import { endOfStream } from '../../src/disk/ipc/ipc-format.ts';
import type { SelectedBatch } from '../../src/query/archive-reader.ts';
import { archivedSchema } from '../../src/query/archived-schema.ts';
import { frameColumns } from '../../src/query/framed-columns.ts';
import { gatherNothing, gatherSelected } from '../../src/query/selected-columns.ts';
import type { Signal } from '../../src/shared/signal.ts';
import { readStructs } from '../columns/arrow-batch.ts';
import type { Row } from '../columns/decode/decoder-harness.ts';
import { sampledSignals } from '../columns/sampled-signals.ts';
import { chooseSeed, TestRandom } from '../random.ts';
import { cleanUp } from '../recorder/recorder-process.ts';
import { ArchiveBuilder } from './archive-builder.ts';

after(cleanUp);

/** Reads the columns with apache-arrow. */
function rowsOf(signal: Signal, gathered: ReturnType<typeof gatherSelected>): Row[] {
  const { message, body } = frameColumns(gathered);
  const schema = schemaMessage(signal, { writer: 'test', recorder: 'test' });
  const stream = Buffer.concat([schema, message, body, endOfStream]);
  return [...RecordBatchReader.from(stream)].flatMap(({ data }) => readStructs(data));
}

describe('selected columns', () => {
  for (const { signal, Requests } of sampledSignals) {
    it(`${signal}: all rows, none, the first, the last, every other, random ones`, async (test) => {
      const seed = chooseSeed();
      test.diagnostic(`SEED=${seed}`);
      const random = new TestRandom(seed);
      const requests = new Requests(random, { irregularity: 0.05 });
      const builder = new ArchiveBuilder();
      builder.segment([Array.from({ length: 40 }, () => requests.request())], { signal });
      const { reader } = builder;
      for await (const found of reader.batches(reader.plan(signal))) {
        assert.ok(found.kind === 'batch');
        const { rows } = found.batch;
        const all = rowsOf(signal, gatherSelected(found));
        assert.equal(all.length, rows);
        const choices: ((row: number) => boolean)[] = [
          () => false,
          (row) => row === 0,
          (row) => row === rows - 1,
          (row) => row % 2 === 0,
          ...Array.from({ length: 10 }, () => () => random.chance(0.3)),
        ];
        for (const isWanted of choices) {
          const mask = Uint8Array.from({ length: rows }, (_, row) => Number(isWanted(row)));
          const rowCount = mask.reduce((sum, wanted) => sum + wanted, 0);
          const selected: SelectedBatch = { ...found, mask, rowCount };
          const wanted = all.filter((_, row) => mask[row] === 1);
          assert.deepEqual(rowsOf(signal, gatherSelected(selected)), wanted);
        }
      }
    });

    it(`${signal}: nothing at all has all columns, too`, () => {
      const gathered = gatherNothing(planBatchLayout(archivedSchema(signal).fields));
      assert.deepEqual(rowsOf(signal, gathered), []);
      assert.ok(gathered.nodes.every((count) => count === 0));
    });
  }
});
