/** An exported Arrow file has all rows and a right footer, as other readers and ours see it. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { RecordBatchReader } from 'apache-arrow';
import { arrowFile } from '../../../src/commands/export/arrow-file.ts';
import { footerFault } from '../../../src/disk/ipc/footer-reader.ts';
import { readMessages, type StreamMessage } from '../../../src/disk/ipc/ipc-reader.ts';
import { signals } from '../../../src/shared/signal.ts';
import { readStructs } from '../../columns/arrow-batch.ts';
import { memoryFile } from '../../disk/memory-file.ts';
import { readSignal } from '../../query/recorded-rows.ts';
import { chooseSeed, TestRandom } from '../../random.ts';
import { cleanUp } from '../../recorder/recorder-process.ts';
import { encodedBy, openSource, randomArchive } from './exported.ts';

after(cleanUp);

function footerOf(file: Buffer): string | undefined {
  const storage = memoryFile(file);
  const items = [...readMessages(storage, 0)];
  const [schema, ...rest] = items as [StreamMessage, ...StreamMessage[]];
  const end = items.at(-1)!;
  assert.equal(end.kind, 'end');
  const batches = rest.slice(0, -1).map(({ offset, bodyOffset, bodyBytes }) => {
    return { offset, bytes: bodyOffset + bodyBytes - offset };
  });
  return footerFault(storage, 0, { schema, batches, end: end.offset });
}

describe('exported Arrow file', () => {
  for (const signal of signals) {
    it(`${signal}: the rows of the archive, by apache-arrow`, async (test) => {
      const seed = chooseSeed();
      test.diagnostic(`SEED=${seed}`);
      const { builder } = randomArchive(new TestRandom(seed), signal);
      const file = await encodedBy(arrowFile, openSource(builder, signal).source);
      const reader = RecordBatchReader.from(new Uint8Array(file));
      assert.equal(reader.open().schema.metadata.size, 3);
      const rows = [...reader].flatMap(({ data }) => readStructs(data));
      assert.deepEqual(rows, readSignal(builder.outputDir, signal));
      assert.ok(reader.isFile());
      assert.equal(footerOf(file), undefined);
      const none = openSource(builder, signal, { from: 2n ** 63n - 1n }).source;
      const empty = await encodedBy(arrowFile, none);
      assert.equal(footerOf(empty), undefined);
    });
  }
});
