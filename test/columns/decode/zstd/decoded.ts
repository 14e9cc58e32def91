/** Decodes a frame with every available zstd decoder and checks that they agree. */
import assert from 'node:assert/strict';
import * as zlib from 'node:zlib';
import { Decoder } from '@toondepauw/node-zstd';
import { decodeStrictly, type StrictFrame } from './strict-zstd.ts';

const packageDecoder = new Decoder();

/** Node's own decoder, which exists from 22.15. */
const nodeDecoder = (zlib as { zstdDecompressSync?: (bytes: Uint8Array) => Uint8Array })
  .zstdDecompressSync;

export function assertDecodesTo(frame: Uint8Array, expected: Uint8Array): StrictFrame {
  const strict = decodeStrictly(frame);
  assertSameBytes(strict.content, expected);
  assertSameBytes(packageDecoder.decodeSync(Buffer.from(frame)), expected);
  if (nodeDecoder !== undefined) assertSameBytes(nodeDecoder(frame), expected);
  return strict;
}

/** This is faster than deepEqual of megabytes, and its failure message is shorter. */
function assertSameBytes(actual: Uint8Array, expected: Uint8Array): void {
  assert.equal(actual.byteLength, expected.byteLength, 'bytes');
  if (Buffer.compare(actual, expected) === 0) return;
  const index = expected.findIndex((byte, i) => byte !== actual[i]);
  assert.fail(`byte ${index} is ${actual[index]} instead of ${expected[index]}`);
}
