/** A lane's thread without the thread: it recovers, answers commands, and ends at `stop`. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { createDecoderMemory } from '../../src/columns/request-decoder.ts';
import { schemaMessage } from '../../src/columns/schema.ts';
import { loadConfig } from '../../src/config/config.ts';
import { openIdentity } from '../../src/disk/segment/recorder-id.ts';
import type { Storage } from '../../src/disk/storage.ts';
import type { LaneCommand, LaneReply, LaneStart } from '../../src/lane/lane-messages.ts';
import { createHeartbeats } from '../../src/ring/heartbeat.ts';
import { createLaneProgress } from '../../src/ring/lane-progress.ts';
import { Producer } from '../../src/ring/producer.ts';
import { createTallies } from '../../src/ring/tallies.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { runLaneThread } from '../../src/threads/lane-thread.ts';
import { field, requestOf } from '../columns/wire-writer.ts';
import { FaultStorage } from '../disk/fault-storage.ts';
import { unsyncedStorage } from '../disk/unsynced-storage.ts';
import { readArchive } from '../query/recorded-rows.ts';
import { cleanUp, makeFolder } from '../recorder/recorder-process.ts';

const wasm = new URL('../../src/columns/decode/decoder.wasm', import.meta.url);

after(cleanUp);

/** Runs a lane in this thread. Each reply may add commands, which the lane takes in their order. */
async function runLane(
  onReply: (reply: LaneReply, send: (command: LaneCommand) => void, start: LaneStart) => void,
  storage: Storage = unsyncedStorage,
): Promise<{ readonly replies: readonly LaneReply[]; readonly outputDir: string }> {
  const outputDir = makeFolder();
  const loaded = loadConfig({
    flags: { output_dir: outputDir, 'wal.max_bytes': '8MiB' },
    environment: {},
  });
  assert.ok(loaded.ok);
  const recorderId = openIdentity(unsyncedStorage, outputDir);
  const start: LaneStart = {
    config: loaded.config,
    lane: 0,
    recorderId,
    decoderModule: new WebAssembly.Module(readFileSync(wasm)),
    memory: createDecoderMemory(),
    schemaMessages: { traces: schemaMessage('traces', { writer: 'test', recorder: recorderId }) },
    tallies: createTallies(1),
    progress: createLaneProgress(1),
    heartbeats: createHeartbeats(1),
  };
  const replies: LaneReply[] = [];
  const commands: LaneCommand[] = [];
  await runLaneThread(start, {
    storage,
    clock: systemClock,
    compress: (bytes) => bytes,
    reply: (reply) => {
      replies.push(reply);
      onReply(reply, (command) => commands.push(command), start);
    },
    nextCommand: () => commands.shift(),
  });
  return { replies, outputDir };
}

describe('runLaneThread', () => {
  it('frames and a stop: what was published is in a sealed segment when the thread ends', async () => {
    const body = requestOf(field(5, 'a span'));
    const { replies, outputDir } = await runLane((reply, send, { memory }) => {
      if (reply.kind !== 'ready') return;
      const producer = new Producer(memory.buffer as SharedArrayBuffer, reply.layout, 0);
      assert.equal(producer.publish(0, systemClock.unixNs(), [body], body.length), 0);
      send({ kind: 'flush', id: 0 });
      send({ kind: 'stop', id: 1 });
    });
    assert.deepEqual(
      readArchive(outputDir).map(({ name }) => name),
      ['a span'],
    );
    const done = replies.filter((reply) => reply.kind === 'done');
    assert.deepEqual(
      done.map(({ id, rows, sealed }) => [id, rows, sealed.length]),
      [
        [0, { traces: 1 }, 0],
        [1, {}, 1],
      ],
    );
  });

  it('a recovery that the disk refuses: commands get the fault, and stop ends the thread', async () => {
    const storage = new FaultStorage();
    storage.failOnce('makeFolder', 'ENOSPC');
    const { replies } = await runLane((reply, send) => {
      if (reply.kind !== 'storage' || reply.fault === null) return;
      send({ kind: 'flush', id: 0 });
      send({ kind: 'stop', id: 1 });
    }, storage);
    assert.deepEqual(
      replies.map((reply) =>
        reply.kind === 'done' ? [reply.id, reply.fault !== undefined] : reply.kind,
      ),
      ['storage', [0, true], [1, false]],
    );
  });

  it('a recovery that the disk refuses once: the next attempt opens the lane', async () => {
    const storage = new FaultStorage();
    storage.failOnce('makeFolder', 'ENOSPC');
    const { replies } = await runLane((reply, send) => {
      if (reply.kind === 'ready') send({ kind: 'stop', id: 0 });
    }, storage);
    assert.deepEqual(
      replies.map(({ kind }) => kind).filter((kind) => kind !== 'lockMissing'),
      ['storage', 'storage', 'ready', 'done'],
    );
  });
});
