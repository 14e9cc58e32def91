/**
 * Changes each byte of a segment in turn. Recovery keeps the whole batches and knows which they
 * are.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { messagePrefixBytes } from '../../../src/disk/ipc/ipc-format.ts';
import { seededRandom } from '../../random.ts';
import {
  archivedPositions,
  batchBytes,
  emptyArchive,
  namesOf,
  outputDir,
  pathOf,
  putSegment,
  range,
  recover,
  rowsOf,
  schemaBytes,
  segmentBytes,
} from '../left-archive.ts';

const batches = [
  [1, 3],
  [4, 4],
  [5, 9],
] as const;
const schemaEnd = schemaBytes().length;
const messages = batches.map((positions) => batchBytes(positions));
const path = pathOf({ number: 1 });

/** Returns the batch that contains a byte; undefined for the schema and the end mark. */
function batchAt(offset: number): number | undefined {
  let end = schemaEnd;
  const index = messages.findIndex((message) => {
    end += message.length;
    return offset < end;
  });
  return offset < schemaEnd || index < 0 ? undefined : index;
}

describe('recoverSegments: one byte is another', () => {
  const random = seededRandom();
  for (const isSealed of [true, false]) {
    it(`anywhere in a segment ${isSealed ? 'with' : 'without'} its end mark`, () => {
      const whole = segmentBytes({ number: 1, batches, isSealed });
      let noticedCount = 0;
      // Without the end mark, only every third byte is changed, because few results differ.
      for (let offset = 0; offset < whole.length; offset += isSealed ? 1 : 3) {
        const bytes = Buffer.from(whole);
        bytes[offset]! ^= 1 << random.below(8);
        noticedCount += checkOne(bytes, offset) ? 1 : 0;
      }
      // Changes in flatbuffer padding, statistics and names affect no row and are not noticed.
      assert.ok(noticedCount > whole.length / 6, `noticed ${noticedCount} of ${whole.length}`);
    });
  }
});

/** Returns true if damage was found. */
function checkOne(bytes: Buffer, offset: number): boolean {
  const storage = emptyArchive();
  putSegment(storage, { number: 1, batches: [] }, bytes);
  const found = recover(storage);
  const archived = archivedPositions(found, 12);
  const where = `byte ${offset}`;
  const isNoticed = found.report.setAside.length > 0 || found.report.cutBytes > 0;
  if (offset < schemaEnd) {
    const isThere = namesOf(storage).includes(path);
    // The schema's length leads to the first batch. If the length is too large, it hides that
    // batch.
    if (isThere && offset < messagePrefixBytes) {
      assert.deepEqual(rowsOf(storage, path), archived, where);
    } else assert.deepEqual(archived, isThere ? range(1, 9) : [], where);
    return isNoticed;
  }
  assert.deepEqual(rowsOf(storage, path), archived, where);
  const changed = batchAt(offset);
  const others = batches.filter((_, index) => index !== changed);
  const kept = others.flatMap(([from, to]) => range(from, to));
  assert.deepEqual(
    kept.filter((position) => !archived.includes(position)),
    [],
    where,
  );
  const text = Buffer.from(storage.bytesOf(`${outputDir}/${path}`));
  for (const [index, message] of messages.entries()) {
    assert.ok(index === changed || text.includes(message), where);
  }
  return isNoticed;
}
