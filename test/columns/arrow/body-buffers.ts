/** Reads the body of a RecordBatch as a reader does, and checks its layout. */
import assert from 'node:assert/strict';
import { Decoder } from '@toondepauw/node-zstd';
import type { EncodedBatch } from '../../../src/shared/encoded-batch.ts';

const decoder = new Decoder();

/** Returns the contents of the buffers, in new arrays. */
export function readBodyBuffers(
  body: Uint8Array,
  buffers: readonly number[],
  compression: EncodedBatch['compression'],
): Uint8Array[] {
  assert.equal(body.byteLength % 8, 0, 'a body is aligned at its end');
  const contents: Uint8Array[] = [];
  let end = 0;
  for (let index = 0; index < buffers.length; index += 2) {
    const [offset, bytes] = [buffers[index]!, buffers[index + 1]!];
    assert.equal(offset, Math.ceil(end / 8) * 8, 'a buffer starts at the next multiple of 8');
    assert.ok(isZero(body.subarray(end, offset)), 'zeros lie between buffers');
    end = offset + bytes;
    const content = body.slice(offset, end);
    contents.push(compression === 'none' ? content : decompress(content));
  }
  assert.equal(body.byteLength, Math.ceil(end / 8) * 8, 'nothing follows the last buffer');
  assert.ok(isZero(body.subarray(end)));
  return contents;
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function decompress(buffer: Uint8Array): Uint8Array {
  if (buffer.byteLength === 0) return buffer;
  const length = new DataView(buffer.buffer).getBigInt64(0, true);
  if (length === -1n) return buffer.slice(8);
  const content = decoder.decodeSync(Buffer.from(buffer.subarray(8)));
  assert.equal(BigInt(content.byteLength), length, 'the prefix is the length inside');
  assert.ok(buffer.byteLength - 8 < content.byteLength, 'a frame is smaller than its content');
  return new Uint8Array(content);
}
