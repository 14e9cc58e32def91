/**
 * The supervisor starts a lane, waits for the disk, and stops it; test/crash/lane-death.test.ts shows
 * how a lane that dies is started again.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDecoderMemory } from '../../src/columns/request-decoder.ts';
import { schemaMessage } from '../../src/columns/schema.ts';
import { loadConfig } from '../../src/config/config.ts';
import { openIdentity } from '../../src/disk/segment/recorder-id.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import type { LaneStart } from '../../src/lane/lane-messages.ts';
import { LaneSupervisor, type StartLane } from '../../src/recorder/lane-supervisor.ts';
import { createHeartbeats } from '../../src/ring/heartbeat.ts';
import { createLaneProgress } from '../../src/ring/lane-progress.ts';
import { createTallies } from '../../src/ring/tallies.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { silentJournal } from '../../src/shared/journal.ts';
import { cleanUp, makeFolder } from './recorder-process.ts';

const wasm = new URL('../../src/columns/decode/decoder.wasm', import.meta.url);
const decoderModule = new WebAssembly.Module(readFileSync(wasm));

after(cleanUp);

/** A lane without memory cannot start. */
function starter(isBroken: boolean): () => Promise<LaneStart> {
  const outputDir = makeFolder();
  const flags = { output_dir: outputDir, 'wal.max_bytes': '8MiB' };
  const loaded = loadConfig({ flags, environment: {} });
  assert.ok(loaded.ok);
  const { config } = loaded;
  const recorderId = openIdentity(nodeStorage, outputDir);
  const schema = schemaMessage('traces', { writer: 'test', recorder: recorderId });
  return async () => ({
    ...{ config, lane: 0, recorderId, decoderModule },
    ...{ tallies: createTallies(1), progress: createLaneProgress(1) },
    heartbeats: createHeartbeats(1),
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
    onStorage: (fault: string | null) => seen.push(`storage ${fault}`),
    onLockMissing: () => {},
  };
}

async function openLane(
  start: StartLane,
  told: ReturnType<typeof events>,
): Promise<LaneSupervisor> {
  const options = { start, events: told, journal: silentJournal, clock: systemClock };
  const supervisor = new LaneSupervisor(options);
  await supervisor.open();
  return supervisor;
}

/** Some tests wait for a second attempt, so they run at the same time. */
describe('LaneSupervisor', { concurrency: true }, () => {
  it('open: rejects when the first lane cannot start', async () => {
    const opening = openLane(starter(true), events());
    await assert.rejects(opening, /./);
  });

  it('nothing to start with yet: it waits, is asked again, and records once there is', async () => {
    const told = events();
    const start = starter(false);
    let attempts = 0;
    const waiting = async () => {
      attempts += 1;
      return attempts < 3 ? { waitsFor: 'the disk is full' } : start();
    };
    const supervisor = await openLane(waiting, told);
    assert.deepEqual(
      [supervisor.fault(), told.seen],
      ['it waits for the disk', ['storage the disk is full']],
    );
    await assert.rejects(supervisor.command({ kind: 'flush' }, 10_000), /it waits for the disk/);
    while (supervisor.fault() !== undefined) await sleep(50);
    assert.deepEqual([attempts, told.seen.at(-1)], [3, 'lane']);
    await supervisor.stop(10_000);
  });

  it('nothing to start with, and stopped: no lane is started any more', async () => {
    const told = events();
    let attempts = 0;
    const waiting = async () => {
      attempts += 1;
      return { waitsFor: 'the disk is full' };
    };
    const supervisor = await openLane(waiting, told);
    assert.deepEqual((await supervisor.stop(10_000)).rows, {});
    await sleep(1_200);
    assert.ok(attempts <= 2 && told.seen.length === 1);
  });

  it('stopped while a lane recovers: that is ended, and none records any more', async () => {
    const told = events();
    const start = starter(false);
    let attempts = 0;
    let hasStarted: () => void = () => {};
    const started = new Promise<void>((resolve) => {
      hasStarted = resolve;
    });
    const waiting = async () => {
      attempts += 1;
      if (attempts === 1) return { waitsFor: 'the disk is full' };
      setImmediate(hasStarted);
      return start();
    };
    const supervisor = await openLane(waiting, told);
    await started;
    assert.deepEqual((await supervisor.stop(10_000)).rows, {});
    await sleep(500);
    assert.deepEqual([attempts, told.seen], [2, ['storage the disk is full']]);
  });

  it('what does not pass, met while it waits: the recorder is told', async () => {
    const starts = [
      async () => ({ waitsFor: 'the disk is full' }),
      () => Promise.reject(new Error('another has the directory')),
    ];
    const supervisor = await openLane(() => starts.shift()!(), events());
    const { code, message } = await supervisor.failed;
    assert.equal(code, 'ERR_ARCHER_LANE_FAILED');
    assert.match(message, /another has the directory/);
  });

  it('command: is answered by the lane, and after stop nothing has failed', async () => {
    const told = events();
    const supervisor = await openLane(starter(false), told);
    assert.deepEqual([supervisor.fault(), told.seen], [undefined, ['lane']]);
    assert.deepEqual((await supervisor.command({ kind: 'flush' }, 10_000)).rows, {});
    await supervisor.stop(10_000);
    assert.deepEqual([supervisor.fault(), told.seen], [undefined, ['lane']]);
  });
});
