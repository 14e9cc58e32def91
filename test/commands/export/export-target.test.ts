/** Pieces reach a file whole, or a stream as fast as it is read. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { openFileTarget, StreamTarget } from '../../../src/commands/export/export-target.ts';
import { nodeStorage } from '../../../src/disk/storage.ts';
import { cleanUp, makeFolder } from '../../recorder/recorder-process.ts';

after(cleanUp);

describe('export target', () => {
  it('a file: there when it is finished, gone when it is abandoned', async () => {
    const folder = makeFolder();
    const target = openFileTarget(nodeStorage, join(folder, 'a'));
    await target.write(Buffer.from('one'));
    await target.write(Buffer.from('two'));
    assert.equal(target.bytes, 6);
    assert.ok(!readdirSync(folder).includes('a'));
    await target.finish();
    assert.equal(readFileSync(join(folder, 'a'), 'utf8'), 'onetwo');
    const other = openFileTarget(nodeStorage, join(folder, 'b'));
    await other.write(Buffer.from('one'));
    other.abandon();
    assert.deepEqual(readdirSync(folder), ['a']);
  });

  it('a stream: a piece is written when the one before has been taken', async () => {
    const stream = new PassThrough({ highWaterMark: 1 });
    const target = new StreamTarget(stream);
    const writing = target.write(Buffer.from('one')).then(() => target.write(Buffer.from('two')));
    let isDone = false;
    const all = writing.then(() => target.finish()).then(() => (isDone = true));
    await setImmediate();
    assert.equal(isDone, false);
    let text = '';
    stream.on('data', (chunk) => (text += chunk));
    await all;
    assert.equal(text, 'onetwo');
    assert.equal(target.bytes, 6);
    target.abandon();
  });

  it('a stream that nobody reads any more: rejects', async () => {
    const stream = new PassThrough();
    const target = new StreamTarget(stream);
    stream.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    await assert.rejects(target.write(Buffer.from('x')));
  });
});
