/** The decompressors of encodings that are inflated as they come. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as zlib from 'node:zlib';
import { createInflate } from '../../../src/accept/body/inflate.ts';

describe('createInflate', () => {
  it('gzip and deflate: are streams of zlib', () => {
    assert.ok(createInflate('gzip') instanceof zlib.Gunzip);
    assert.ok(createInflate('deflate') instanceof zlib.Inflate);
  });
});
