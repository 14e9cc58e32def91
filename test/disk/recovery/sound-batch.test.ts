/** Shows what makes a batch unsound although its framing is valid. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planBatchLayout } from '../../../src/disk/ipc/column-layout.ts';
import { readMessages } from '../../../src/disk/ipc/ipc-reader.ts';
import { nativeDecompress } from '../../../src/disk/ipc/zstd.ts';
import { toSoundBatch } from '../../../src/disk/recovery/sound-batch.ts';
import { batchOf, recorderId, schemaBytes } from '../left-archive.ts';
import { memoryFile } from '../memory-file.ts';
import { type ThingOptions, thingSchemas } from '../thing-segment.ts';

const schema = thingSchemas().get('things/1');
const layout = planBatchLayout(schema?.fields ?? []);

function look(options: ThingOptions = {}, change: (bytes: Buffer) => void = () => {}) {
  const bytes = Buffer.concat([schemaBytes(), batchOf([4, 5, 9], { options })]);
  change(bytes);
  const storage = memoryFile(bytes);
  const [, message] = readMessages(storage, 0);
  assert.equal(message?.kind, 'recordBatch');
  if (message?.kind !== 'recordBatch') return undefined;
  return toSoundBatch(message, { storage, file: 0, layout, decompress: nativeDecompress() });
}

const withMetadata = (key: string, text: string) =>
  look({ changeMetadata: (metadata) => metadata.set(key, text) });
const wal = (from: string, to: string, lane = 0) =>
  withMetadata('archer.wal', JSON.stringify({ recorder: recorderId, lane, from, to }));

describe('toSoundBatch', () => {
  it('a whole batch, compressed or not: says its place and its positions', () => {
    for (const compression of ['none', 'zstd'] as const) {
      const batch = look({ compression });
      const offset = schemaBytes().length;
      const bytes = batchOf([4, 5, 9], { options: { compression } }).length;
      const expected = { offset, bytes, rows: 3, recorder: recorderId, lane: 0, from: 4, to: 9 };
      assert.deepEqual(batch, expected);
    }
  });

  it('a byte of the body, or another checksum: unsound', () => {
    assert.equal(
      look({}, (bytes) => bytes.writeUInt8(1, bytes.length - 3)),
      undefined,
    );
    assert.equal(withMetadata('archer.crc32', '00000000'), undefined);
    assert.equal(withMetadata('archer.crc32', 'none'), undefined);
  });

  it('positions other than those of the rows, or none: unsound', () => {
    assert.notEqual(wal('4', '9'), undefined);
    assert.equal(wal('3', '9'), undefined);
    assert.equal(wal('4', '8'), undefined);
    assert.equal(wal('4', '9', 1), undefined);
    assert.equal(withMetadata('archer.wal', '{'), undefined);
  });

  it('buffers that lie elsewhere: unsound', () => {
    const changePlaces = (places: number[]) => {
      places[2] = (places[2] ?? 0) + 8;
    };
    assert.equal(look({ changePlaces }), undefined);
  });

  it('statistics of other rows: unsound; without any: sound', () => {
    const changeRows = (metadata: Map<string, string>) => {
      const stats = metadata.get('archer.stats') ?? '';
      metadata.set('archer.stats', stats.replace('"rows":3', '"rows":4'));
    };
    assert.equal(look({ changeMetadata: changeRows }), undefined);
    assert.notEqual(withMetadata('archer.stats', ''), undefined);
  });
});
