/** Keeps a lane; how one that dies is started again is seen in test/crash/lane-death.test.ts. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { createTallies } from '../src/buffer/tallies.ts';
import { createDecoderMemory } from '../src/columns/request-decoder.ts';
import { schemaMessage } from '../src/columns/schema.ts';
import { loadConfig } from '../src/config.ts';
import { openIdentity } from '../src/disk/identity.ts';
import { nodeStorage } from '../src/disk/storage.ts';
import { openLaneKeeper } from '../src/lane-keeper.ts';
import { systemClock } from '../src/shared/clock.ts';
import { silentJournal } from '../src/shared/journal.ts';
import type { LaneStart } from '../src/worker-messages.ts';
import { cleanUp, makeFolder } from './recorder-process.ts';

const wasm = new URL('../src/columns/decoder/decoder.wasm', import.meta.url);
const decoderModule = new WebAssembly.Module(readFileSync(wasm));

after(cleanUp);

/** A lane without memory cannot start. */
function starter(isBroken: boolean): () => LaneStart {
  const outputDir = makeFolder();
  const flags = { output_dir: outputDir, 'wal.max_bytes': '8MiB' };
  const loaded = loadConfig({ flags, environment: {} });
  assert.ok(loaded.ok);
  const { config } = loaded;
  const recorderId = openIdentity(nodeStorage, outputDir);
  const schema = schemaMessage('traces', { writer: 'test', recorder: recorderId });
  return () => ({
    ...{ config, lane: 0, recorderId, decoderModule, tallies: createTallies(1) },
    memory: isBroken ? (undefined as never) : createDecoderMemory(),
    schemaMessages: { traces: schema },
  });
}

function events() {
  const seen: string[] = [];
  return {
    seen,
    onLane: () => seen.push('lane'),
    onLost: () => seen.push('lost'),
    onSealed: () => {},
    onStorage: () => {},
  };
}

describe('lane keeper', () => {
  it('open: rejects when the first lane cannot start', async () => {
    const opening = openLaneKeeper(starter(true), silentJournal, events(), systemClock);
    await assert.rejects(opening, /./);
  });

  it('command: is answered by the lane, and after stop nothing has failed', async () => {
    const told = events();
    const keeper = await openLaneKeeper(starter(false), silentJournal, told, systemClock);
    assert.deepEqual([keeper.fault(), told.seen], [undefined, ['lane']]);
    assert.deepEqual((await keeper.command('flush', 10_000)).rows, {});
    await keeper.command('stop', 10_000);
    assert.deepEqual([keeper.fault(), told.seen], [undefined, ['lane']]);
  });
});
