/** The composition root of a lane's thread: recovers what an earlier run left, then records. */
import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Consumer } from './buffer/consumer.ts';
import { initialiseLane, type LaneLayout, layoutBytes, planLayout } from './buffer/layout.ts';
import { TallyWriter } from './buffer/tallies.ts';
import { BatchEncoder } from './columns/record-batch.ts';
import { openRequestDecoder, type RequestDecoder } from './columns/request-decoder.ts';
import { nativeCompress, zstdLevel } from './columns/zstd.ts';
import { recoverSegments } from './disk/recovery/recovery.ts';
import { nodeStorage } from './disk/storage.ts';
import { walFolder } from './disk/wal/wal-format.ts';
import { WalWriter } from './disk/wal/wal-writer.ts';
import { Batches } from './lane/batches.ts';
import { FrameDecoder } from './lane/frame-decoder.ts';
import { FrameLog } from './lane/frame-log.ts';
import { Lane } from './lane/lane.ts';
import { LaneSegments } from './lane/lane-segments.ts';
import { replayLog } from './lane/log-recovery.ts';
import { StorageFault } from './lane/storage-fault.ts';
import { systemClock } from './shared/clock.ts';
import { invariant } from './shared/invariant.ts';
import type { Journal } from './shared/journal.ts';
import type { LaneCommand, LaneReply, LaneStart } from './worker-messages.ts';

/** Between two looks at what is due by its age; a segment's age need not be known better. */
const sleepMsMax = 1_000;

/** One receiver thread. */
const ringCount = 1;

const start: LaneStart = workerData;
invariant(parentPort !== null, 'a lane runs in a worker');
const port = parentPort;
const reply = (message: LaneReply) => port.postMessage(message);

const { config, lane: laneNumber, memory, recorderId } = start;
const outputDir = config.output_dir;
const storage = nodeStorage;
const journal: Journal = {
  write: (level, message, fields = {}) => reply({ kind: 'journal', level, message, fields }),
};

const decoder = openRequestDecoder(start.decoderModule, memory);
const layout = layOutRings(decoder);
const consumer = new Consumer(memory.buffer, layout);
const recovery = recoverSegments(storage, outputDir, recorderId, laneNumber);
const positions = { next: Number(recovery.nextPosition) };
const segments = new LaneSegments(start, storage, recovery, positions, reply);
const encoder = new BatchEncoder(decoder, config.compression, nativeCompress(zstdLevel));
/** Since the last turn of the event loop. */
let hasCompressed = false;

const tallies = new TallyWriter(start.tallies, laneNumber);
const batches = new Batches({
  limits: { rowsMax: config['batch.max_rows'], ageMaxMs: config['batch.max_age'] },
  clock: systemClock,
  decoder,
  tallies,
  segments: segments.writers,
  encode: (signal) => {
    hasCompressed = true;
    return encoder.encode(signal);
  },
});
const fault = new StorageFault({
  clock: systemClock,
  freeBytes: () => storage.freeBytes(outputDir),
  freeBytesMin: config['retention.min_free_bytes'],
  onChange: (reason) => reply({ kind: 'storage', fault: reason ?? null }),
});
const frameDecoder = new FrameDecoder(decoder, laneNumber, config['batch.max_bytes']);
const log = recoverLog();
const lane = new Lane({
  ...{ positions, ringCount, consumer, decoder: frameDecoder, tallies, batches, log, fault },
});

reply({ kind: 'ready', layout });
await run();

/** Until `stop`: synchronous but for `freeCompressed`, as nothing else runs in this thread. */
async function run(): Promise<void> {
  for (;;) {
    const frameCount = lane.turn();
    if (hasCompressed) await freeCompressed();
    const command = nextCommand();
    if (command !== undefined) obey(command);
    if (command?.kind === 'stop') return;
    if (frameCount === 0 && command === undefined) consumer.waitForWork(lane.sleepMs(sleepMsMax));
  }
}

/**
 * What the native compressor gave is freed in a turn of the event loop only, however long ago it
 * became garbage: without one it is a leak of as many bytes as are written.
 */
async function freeCompressed(): Promise<void> {
  hasCompressed = false;
  await eventLoopTurn();
}

function nextCommand(): LaneCommand | undefined {
  // Bits only wake the lane: what is wanted stands in the message, sent before them.
  consumer.doorbell.takeRaised();
  return receiveMessageOnPort(port)?.message;
}

function obey({ kind, id }: LaneCommand): void {
  // What was acknowledged before the command was sent has been taken; at a stop, take the rest too.
  if (kind === 'stop') while (lane.turn() > 0);
  const { rows, fault: failed } = lane.flush();
  let sealed: string[] = [];
  fault.attempt(() => {
    if (kind !== 'flush') sealed = segments.seal();
  });
  const reason = failed ?? fault.writeReason;
  reply({ kind: 'done', id, rows, sealed, ...(reason === undefined ? {} : { fault: reason }) });
}

/** The rings lie in the decoder's memory, so that it reads frames where they arrived. */
function layOutRings(owner: RequestDecoder): LaneLayout {
  const options = {
    ringCount,
    ringBytes: config['ring.bytes'],
    overflowBytes: config.max_request_bytes,
  };
  const planned = planLayout({ ...options, base: owner.reserve(layoutBytes(options)) });
  initialiseLane(memory.buffer, planned);
  return planned;
}

/**
 * What the log holds and no segment has is written out before anything new is taken; so is the log
 * of an earlier run, when this one keeps none.
 */
function recoverLog(): FrameLog | undefined {
  const folder = walFolder(outputDir, laneNumber);
  storage.makeFolder(folder);
  const where = { storage, folder, recorderId, lane: laneNumber };
  const options = { segments: recovery, memory: decoder, decoder: frameDecoder, batches, tallies };
  const found = replayLog({ log: where, ...options, positions, journal });
  batches.writeAll();
  segments.seal();
  segments.settle();
  const { durability } = config;
  if (durability === 'received') return undefined;
  const walBytesMax = config['wal.max_bytes'];
  const neededFrom = positions.next;
  const writer = new WalWriter({ ...where, walBytesMax, durability, found, neededFrom });
  return new FrameLog({ lane: laneNumber, writer, consumer, memory });
}
