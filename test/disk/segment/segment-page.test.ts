/** Checks the worked examples in docs/format/segment.md against what is written and read. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { recordBatchMessage } from '../../../src/disk/ipc/ipc-writer.ts';
import { messageMetadata } from '../../../src/disk/ipc/message-metadata.ts';
import { readCheckpoint } from '../../../src/disk/segment/checkpoint.ts';
import { nodeStorage } from '../../../src/disk/storage.ts';
import { temporaryFolders } from '../temporary-folder.ts';

const here = dirname(fileURLToPath(import.meta.url));
const page = readFileSync(join(here, '../../../../docs/format/segment.md'), 'utf8');
const newFolder = temporaryFolders();
const recorder = '0f8fad5b-d9cb-469f-a165-70867728950e';

/** Returns the bytes of the example and checks that its lines are consecutive. */
function exampleBytes(): Buffer {
  const [, block] = /```example\n([^`]*)```/.exec(page) ?? [];
  assert.ok(block !== undefined);
  let bytes = Buffer.alloc(0);
  for (const line of block.trimEnd().split('\n')) {
    const [, offset = '', content = ''] = /^([0-9a-f]{3}) {2}(.*)$/.exec(line) ?? [];
    assert.equal(Number.parseInt(offset, 16), bytes.length, line);
    const isText = content.startsWith('text ');
    const hex = content.split(/ {2,}/)[0]?.replaceAll(' ', '') ?? '';
    bytes = Buffer.concat([
      bytes,
      isText ? Buffer.from(content.slice(5)) : Buffer.from(hex, 'hex'),
    ]);
  }
  return bytes;
}

describe('segment.md', () => {
  it('the message: is what is written for such a batch', () => {
    const body = Uint8Array.of(7, 0, 0, 0, 0, 0, 0, 0);
    const batch = {
      rows: 1,
      nodes: [1, 0],
      buffers: [0, 0, 0, 8],
      compression: 'none' as const,
      body,
      stats: {
        rows: 1,
        firstTime: 1795251185122999000n,
        lastTime: 1795251185122999000n,
        firstReceivedTime: 1795251185123000000n,
        lastReceivedTime: 1795251185123000000n,
        services: ['shop'],
      },
    };
    const metadata = messageMetadata(batch, { recorder, lane: 0, from: 1n, to: 1n });
    const message = Buffer.concat([recordBatchMessage(batch, metadata), body]);
    assert.equal(exampleBytes().toString('hex'), message.toString('hex'));
  });

  it('the checkpoint: is read as the page says', () => {
    const [, text] = /\n {4}(\{"version".*\}\n {4}crc32 .*\n)/.exec(page) ?? [];
    assert.ok(text !== undefined);
    const outputDir = newFolder();
    mkdirSync(join(outputDir, '.archer'));
    writeFileSync(join(outputDir, '.archer', 'checkpoint'), text.replaceAll('\n    ', '\n'));
    assert.deepEqual(readCheckpoint(nodeStorage, outputDir), {
      recorder,
      nextSegmentNumber: 12,
      oldestOpenNumber: 9,
      lanes: [
        { lane: 0, nextPosition: 4711n, archived: { traces: 4700n, metrics: 0n, logs: 4650n } },
      ],
    });
  });
});
