/** Checks the worked example in docs/format/wal.md against what is written and read. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { walFolder } from '../../../src/disk/layout.ts';
import { walEpochStride } from '../../../src/disk/wal/wal-format.ts';
import { readWal } from '../../../src/disk/wal/wal-reader.ts';
import { frameBytes } from '../../../src/shared/frame.ts';
import { filePath, openLog, recorderId, smallestWalBytes, stampedFrame } from '../example-log.ts';
import { VolatileStorage } from '../volatile-storage.ts';

const here = dirname(fileURLToPath(import.meta.url));
const page = readFileSync(join(here, '../../../../docs/format/wal.md'), 'utf8');
const owner = { recorderId, lane: 0 };
const folder = walFolder('/output', owner.lane);

/** Returns the page's example bytes and checks that their offsets are consecutive. */
function exampleBytes(): Buffer {
  const [, block] = /```example\n([^`]*)```/.exec(page) ?? [];
  assert.ok(block !== undefined, 'the page has an example');
  const bytes: number[] = [];
  for (const line of block.trimEnd().split('\n')) {
    const [, offset, hex] = /^([0-9a-f]{3}) {2}((?:[0-9a-f]{2} )+) /.exec(line) ?? [];
    assert.equal(Number.parseInt(offset ?? '', 16), bytes.length, line);
    bytes.push(...Buffer.from((hex ?? '').replaceAll(' ', ''), 'hex'));
  }
  return Buffer.from(bytes);
}

describe('wal.md', () => {
  const bodies = [Uint8Array.of(0x0a, 0), Buffer.from('hello')];

  it('the worked example: is what is written', () => {
    const storage = new VolatileStorage();
    const log = openLog(storage, folder, { ...owner, walBytesMax: smallestWalBytes });
    const groupBytes = bodies.reduce((sum, body) => sum + frameBytes(body.byteLength), 0);
    const epoch = Number(log.begin(groupBytes, 1));
    const frames = bodies.map((body, index) =>
      stampedFrame(body, { position: index + 1, epoch, lane: 0, signalNumber: 2 * index }),
    );
    log.append(frames, 1, 2);
    const bytes = Buffer.from(storage.bytesOf(filePath(folder, 1)));
    const example = exampleBytes();
    assert.equal(bytes.toString('hex', 0, example.length), example.toString('hex'));
    assert.ok(bytes.subarray(example.length).every((byte) => byte === 0));
  });

  it('the worked example: is read as the page says', () => {
    const storage = new VolatileStorage();
    storage.makeFolder(folder);
    const bytes = new Uint8Array(4096);
    bytes.set(exampleBytes());
    storage.put(filePath(folder, 1), bytes);
    const items = Array.from(readWal({ ...owner, storage, folder }), (item) =>
      item.kind === 'frame' ? { ...item, body: item.body.slice() } : item.kind,
    );
    const [traces, logs] = bodies;
    assert.deepEqual(items, [
      frame('traces', 1, Uint8Array.from(traces!)),
      frame('logs', 2, Uint8Array.from(logs!)),
      'end',
    ]);
  });

  function frame(signal: string, position: number, body: Uint8Array) {
    return { kind: 'frame', signal, position, receivedTimeNs: 1_000_000n + BigInt(position), body };
  }

  it('the stride of epochs: is the one of the code', () => {
    assert.equal(page.split(walEpochStride.toLocaleString('en')).length - 1, 2);
  });
});
