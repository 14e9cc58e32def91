/** Shows how an Arrow IPC file is distinguished from a stream. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endMagic, fileMagic, streamStart } from '../../../src/disk/ipc/ipc-file-format.ts';
import { messageAlignmentBytes } from '../../../src/disk/ipc/ipc-format.ts';
import { memoryFile } from '../memory-file.ts';

const startOf = (bytes: Uint8Array) => streamStart(memoryFile(bytes), 0);

describe('streamStart', () => {
  it('the magic: the stream starts behind it, aligned', () => {
    assert.equal(startOf(Buffer.concat([fileMagic, Buffer.alloc(20)])), fileMagic.byteLength);
    assert.equal(fileMagic.byteLength % messageAlignmentBytes, 0);
    assert.equal(Buffer.from(endMagic).toString(), 'ARROW1');
  });

  it('anything else: the stream starts at 0', () => {
    for (const text of [
      '',
      'ARROW1',
      'ARROW1\0',
      'ARROW1\0\u0001',
      'ARROW2\0\0',
      '\xff'.repeat(9),
    ]) {
      assert.equal(startOf(Buffer.from(text, 'latin1')), 0);
    }
  });
});
