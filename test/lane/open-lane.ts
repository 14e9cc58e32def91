/** A lane with real rings, decoder, log and files, and a clock that is moved by hand. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { BatchEncoder } from '../../src/columns/arrow/batch-encoder.ts';
import { createDecoderMemory, openRequestDecoder } from '../../src/columns/request-decoder.ts';
import { schemaMessage } from '../../src/columns/schema.ts';
import { type Config, loadConfig } from '../../src/config/config.ts';
import { walFolder } from '../../src/disk/layout.ts';
import { openIdentity } from '../../src/disk/segment/recorder-id.ts';
import { nodeStorage, type Storage } from '../../src/disk/storage.ts';
import { readWal } from '../../src/disk/wal/wal-reader.ts';
import { FrameLog } from '../../src/lane/frame-log.ts';
import { Lane } from '../../src/lane/lane.ts';
import type { SegmentSealed } from '../../src/lane/lane-messages.ts';
import { recoverLane } from '../../src/lane/lane-recovery.ts';
import { restorePrivateFiles } from '../../src/lane/private-files.ts';
import { StorageFault } from '../../src/lane/storage-fault.ts';
import { VanishedFiles } from '../../src/lane/vanished-files.ts';
import { Consumer } from '../../src/ring/consumer.ts';
import { initialiseLane, layoutBytes, planLayout } from '../../src/ring/layout.ts';
import { Producer } from '../../src/ring/producer.ts';
import { createTallies, readTallies, TallyWriter } from '../../src/ring/tallies.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import type { JournalEntry } from '../../src/shared/journal.ts';
import { outcomes } from '../../src/shared/outcome.ts';
import { finish } from '../disk/finish.ts';
import { unsyncedStorage } from '../disk/unsynced-storage.ts';
import { readArchive } from '../query/recorded-rows.ts';
import { makeFolder } from '../recorder/recorder-process.ts';

const wasm = new URL('../../src/columns/decode/decoder.wasm', import.meta.url);
const decoderModule = new WebAssembly.Module(readFileSync(wasm));

export const noon = Date.UTC(2026, 0, 31, 12);
export const dayMs = 86_400_000;

export interface OpenLaneOptions {
  readonly storage?: Storage;
  readonly outputDir?: string;
  readonly ringCount?: number;
  readonly settings?: Partial<Config>;
  /** Counts go on where those of an earlier lane ended. */
  readonly tallies?: SharedArrayBuffer;
}

function configOf(outputDir: string, settings: Partial<Config>): Config {
  const loaded = loadConfig({ flags: { output_dir: outputDir }, environment: {} });
  assert.ok(loaded.ok);
  const small = { 'wal.max_bytes': 8 * 65_536, compression: 'none', 'rotation.max_age': 2 * dayMs };
  return { ...loaded.config, ...(small as Partial<Config>), ...settings };
}

/** Recovers what is in the folder, and takes frames. */
export function openLane(options: OpenLaneOptions = {}) {
  const { storage = unsyncedStorage, outputDir = makeFolder(), ringCount = 1 } = options;
  const config = configOf(outputDir, options.settings ?? {});
  const clock = new ManualClock(noon);
  const memory = createDecoderMemory();
  const decoder = openRequestDecoder(decoderModule, memory);
  const rings = { ringCount, ringBytes: 65_536, overflowBytes: 8 * 1024 * 1024 };
  const layout = planLayout({ ...rings, base: decoder.reserve(layoutBytes(rings)) });
  initialiseLane(memory.buffer, layout);
  const consumer = new Consumer(memory.buffer, layout);
  const tallyBuffer = options.tallies ?? createTallies(1);
  const tallies = new TallyWriter(tallyBuffer, 0);
  const encoder = new BatchEncoder(decoder, 'none', (bytes) => bytes);
  const recorderId = openIdentity(unsyncedStorage, outputDir);
  const schema = schemaMessage('traces', { writer: 'test', recorder: recorderId });
  const start = { config, lane: 0, recorderId, schemaMessages: { traces: schema } };
  const said: JournalEntry[] = [];
  const journal = {
    write: (level: JournalEntry['level'], message: string, fields = {}) => {
      said.push({ level, message, fields });
    },
  };
  const sealed: SegmentSealed[] = [];
  const {
    positions,
    segments,
    batches,
    log: opened,
  } = finish(
    recoverLane({
      ...{ start, storage, clock, decoder, tallies, journal },
      encode: (signal) => encoder.encode(signal),
      onSealed: (segment) => sealed.push(segment),
    }),
  );
  const log = opened && new FrameLog({ lane: 0, ...opened, consumer, memory });
  const faults: (string | undefined)[] = [];
  const fault = new StorageFault({
    clock,
    freeBytes: () => storage.freeBytes(outputDir),
    freeBytesMin: 1,
    onChange: (reason) => faults.push(reason),
  });
  let lockLossCount = 0;
  const onLockMissing = () => {
    lockLossCount += 1;
  };
  const files = { storage, outputDir, recorderId, segments, onLockMissing };
  const vanishedFiles = new VanishedFiles({
    ...{ clock, segments: [...segments.writers.values()], batches, log, journal },
    restoreFiles: () => restorePrivateFiles(files),
  });
  const lane = new Lane({
    ...{ lane: 0, positions, ringCount, consumer, decoder },
    batchBytesMax: config['batch.max_bytes'],
    ...{ tallies, batches, segments, log, fault, vanishedFiles },
  });
  const producers = Array.from(
    { length: ringCount },
    (_, ring) => new Producer(memory.buffer, layout, ring),
  );
  const readLog = () => [
    ...readWal({ storage: nodeStorage, folder: walFolder(outputDir, 0), recorderId, lane: 0 }),
  ];
  return {
    ...{ lane, clock, positions, outputDir, recorderId, segments, log, vanishedFiles },
    ...{ faults, said, sealed, tallyBuffer, lockLosses: () => lockLossCount },
    publish: (body: Uint8Array, ring = 0) => {
      const ticket = producers[ring]!.publish(0, clock.unixNs(), [body], body.length);
      assert.ok(ticket >= 0, 'ring full');
    },
    results: (ring = 0) => {
      const found: (string | undefined)[] = [];
      producers[ring]!.takeResults((outcome) => found.push(outcomes[outcome]));
      return found;
    },
    archived: () => readArchive(outputDir),
    tally: () => readTallies(tallyBuffer).traces,
    logged: () => readLog().flatMap((item) => (item.kind === 'frame' ? [item.position] : [])),
    active: () => segments.writers.get('traces')?.active?.path,
  };
}
