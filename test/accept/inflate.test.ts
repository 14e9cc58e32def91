/** The decompressors: which encodings this Node has as streams. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as zlib from 'node:zlib';
import { createInflate } from '../../src/accept/inflate.ts';

describe('createInflate', () => {
  it('gzip and deflate: are streams everywhere', () => {
    for (const encoding of ['gzip', 'deflate'] as const) createInflate(encoding)?.destroy();
    assert.ok(createInflate('gzip') instanceof zlib.Gunzip);
    assert.ok(createInflate('deflate') instanceof zlib.Inflate);
  });

  it('zstd: is a stream where zlib has it', () => {
    assert.equal(createInflate('zstd') !== undefined, 'createZstdDecompress' in zlib);
  });
});
