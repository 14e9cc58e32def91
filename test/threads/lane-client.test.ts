/** The main thread's side of a lane: commands are answered, a death is told. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createDecoderMemory } from '../../src/columns/request-decoder.ts';
import { schemaMessage } from '../../src/columns/schema.ts';
import { loadConfig } from '../../src/config/config.ts';
import { openIdentity } from '../../src/disk/segment/recorder-id.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import type { LaneStart } from '../../src/lane/lane-messages.ts';
import { createHeartbeats } from '../../src/ring/heartbeat.ts';
import { createLaneProgress } from '../../src/ring/lane-progress.ts';
import { createTallies } from '../../src/ring/tallies.ts';
import { silentJournal } from '../../src/shared/journal.ts';
import { openLaneClient } from '../../src/threads/lane-client.ts';
import { cleanUp, makeFolder } from '../recorder/recorder-process.ts';

const wasm = new URL('../../src/columns/decode/decoder.wasm', import.meta.url);

const noEvents = {
  onReady: () => {},
  onRecovery: () => {},
  onSealed: () => {},
  onStorage: () => {},
  onLockMissing: () => {},
};

after(cleanUp);

function startOf(changes: Partial<LaneStart> = {}): LaneStart {
  const outputDir = makeFolder();
  const loaded = loadConfig({ flags: { output_dir: outputDir }, environment: {} });
  assert.ok(loaded.ok);
  const recorderId = openIdentity(nodeStorage, outputDir);
  return {
    config: loaded.config,
    lane: 0,
    recorderId,
    decoderModule: new WebAssembly.Module(readFileSync(wasm)),
    memory: createDecoderMemory(),
    schemaMessages: { traces: schemaMessage('traces', { writer: 'test', recorder: recorderId }) },
    tallies: createTallies(1),
    progress: createLaneProgress(1),
    heartbeats: createHeartbeats(1),
    ...changes,
  };
}

describe('lane client', () => {
  it('command: each is answered, and after stop the lane ends without having died', async () => {
    const lane = openLaneClient(startOf(), silentJournal, noEvents);
    await lane.opened;
    const [flushed, rotated] = await Promise.all([
      lane.command({ kind: 'flush' }, 10_000),
      lane.command({ kind: 'rotate', reason: 'asked' }, 10_000),
    ]);
    assert.deepEqual([flushed.rows, flushed.sealed, rotated.sealed], [{}, [], []]);
    await lane.command({ kind: 'stop' }, 10_000);
    const silence = new Promise((resolve) => setTimeout(() => resolve('alive'), 200));
    assert.equal(await Promise.race([lane.died, silence]), 'alive');
  });

  it('open: rejects with the reason when the lane cannot start', async () => {
    const start = startOf({ memory: undefined as never });
    await assert.rejects(openLaneClient(start, silentJournal, noEvents).opened, /./);
  });

  it('command: what was answered is not kept, however many there are', async () => {
    const lane = openLaneClient(startOf(), silentJournal, noEvents);
    await lane.opened;
    const answer = new WeakRef(await lane.command({ kind: 'flush' }, 10_000));
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    for (let turn = 0; turn < 10 && answer.deref() !== undefined; turn++) {
      await sleep(10);
      collect();
    }
    const kept = answer.deref();
    await lane.end();
    assert.equal(kept, undefined);
  });

  it('end: its thread ends, recovered or not; what waits for an answer is rejected', async () => {
    const lane = openLaneClient(startOf(), silentJournal, noEvents);
    const asked = lane.command({ kind: 'flush' }, 10_000);
    await Promise.all([lane.end(), assert.rejects(asked, /ended/)]);
    await assert.rejects(lane.opened, /ended/);
    await assert.rejects(lane.command({ kind: 'flush' }, 10_000), /ended/);
  });
});
