/** Decodes a frame by every zstd decoder at hand and holds them to the same content. */
import assert from 'node:assert/strict';
import * as zlib from 'node:zlib';
import { Decoder } from '@toondepauw/node-zstd';
import { decodeStrictly, type StrictFrame } from './strict-zstd.ts';

const packageDecoder = new Decoder();

/** Node has one from 22.15 on. */
const nodeDecoder = (zlib as { zstdDecompressSync?: (bytes: Uint8Array) => Uint8Array })
  .zstdDecompressSync;

export function assertDecodesTo(frame: Uint8Array, expected: Uint8Array): StrictFrame {
  const strict = decodeStrictly(frame);
  assertSameBytes(strict.content, expected);
  assertSameBytes(packageDecoder.decodeSync(Buffer.from(frame)), expected);
  if (nodeDecoder !== undefined) assertSameBytes(nodeDecoder(frame), expected);
  return strict;
}

/** Faster, and shorter when it fails, than deepEqual of megabytes. */
function assertSameBytes(actual: Uint8Array, expected: Uint8Array): void {
  assert.equal(actual.byteLength, expected.byteLength, 'bytes');
  if (Buffer.compare(actual, expected) === 0) return;
  const index = expected.findIndex((byte, i) => byte !== actual[i]);
  assert.fail(`byte ${index} is ${actual[index]} instead of ${expected[index]}`);
}
