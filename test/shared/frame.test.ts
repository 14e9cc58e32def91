/** The frame header's fields fit the header and do not overlap. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { frameBytes, frameField, frameHeaderBytes, frameMagic } from '../../src/shared/frame.ts';

const fieldBytes: Record<keyof typeof frameField, number> = {
  magic: 4,
  bodyBytes: 4,
  bodyCrc32: 4,
  signal: 1,
  flags: 1,
  lane: 2,
  receivedTime: 8,
  position: 8,
  epoch: 4,
  headerCrc32: 4,
};

it('frameField: fields follow one another without gap and fill the header', () => {
  let end = 0;
  for (const name of Object.keys(frameField) as (keyof typeof frameField)[]) {
    assert.equal(frameField[name], end, name);
    end += fieldBytes[name];
  }
  assert.equal(end, frameHeaderBytes);
});

it('frameMagic: reads AFR1 in a hex dump', () => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(frameMagic);
  assert.equal(bytes.toString('latin1'), 'AFR1');
});

it('frameBytes: is the header, the body and padding to 8 bytes', () => {
  assert.deepEqual([0, 1, 8, 9].map(frameBytes), [40, 48, 48, 56]);
});
