/** The decoder is compiled from the file beside the sources, or its absence is reported. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createDecoderMemory, openRequestDecoder } from '../../src/columns/request-decoder.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { compileDecoder } from '../../src/recorder/decoder-module.ts';

it('compileDecoder: the built decoder can be opened, and holds no rows', async () => {
  const decoder = openRequestDecoder(await compileDecoder(nodeStorage), createDecoderMemory());
  assert.equal(decoder.rows(0), 0);
});

it('compileDecoder: a missing file is reported with its path', async () => {
  await assert.rejects(compileDecoder(nodeStorage, '/nowhere/decoder.wasm'), {
    code: 'ERR_ARCHER_INSTALLATION_BROKEN',
    message: /\/nowhere\/decoder\.wasm/,
  });
});
