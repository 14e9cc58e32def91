/** The composition root of a lane's thread: recovers what an earlier run left, then records. */
import { setImmediate as eventLoopTurn, setTimeout as sleep } from 'node:timers/promises';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { BatchEncoder } from '../columns/arrow/batch-encoder.ts';
import { nativeCompress, zstdLevel } from '../columns/arrow/zstd.ts';
import { openRequestDecoder, type RequestDecoder } from '../columns/request-decoder.ts';
import { nodeStorage } from '../disk/storage.ts';
import { FrameLog } from '../lane/frame-log.ts';
import { Lane } from '../lane/lane.ts';
import type { LaneCommand, LaneReply, LaneStart } from '../lane/lane-messages.ts';
import { type RecoveredLane, recoverLane } from '../lane/lane-recovery.ts';
import type { LaneSegments } from '../lane/lane-segments.ts';
import { restorePrivateFiles } from '../lane/private-files.ts';
import { StorageFault } from '../lane/storage-fault.ts';
import { VanishedFiles } from '../lane/vanished-files.ts';
import { Consumer } from '../ring/consumer.ts';
import { LaneProgress } from '../ring/lane-progress.ts';
import { initialiseLane, type LaneLayout, layoutBytes, planLayout } from '../ring/layout.ts';
import { TallyWriter } from '../ring/tallies.ts';
import { systemClock } from '../shared/clock.ts';
import { invariant } from '../shared/invariant.ts';
import type { Journal } from '../shared/journal.ts';
import type { Signal } from '../shared/signal.ts';

/** Between two looks at what is due by its age; a segment's age need not be known better. */
const sleepMsMax = 1_000;

/** A disk that was full when the lane started is tried again this often. */
const recoverAgainMs = 1_000;

/** Milliseconds of work leave some megabytes that are freed only when the event loop turns. */
const stepsMsMax = 20;

/** Commands that come meanwhile, a stop above all, are answered within this. */
const commandLookMs = 50;

/** One receiver thread. */
const ringCount = 1;

let start: LaneStart = workerData;
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
const encoder = new BatchEncoder(decoder, config.compression, nativeCompress(zstdLevel));
/** Since the last turn of the event loop. */
let hasCompressed = false;

const tallies = new TallyWriter(start.tallies, laneNumber);
const fault = new StorageFault({
  clock: systemClock,
  freeBytes: () => storage.freeBytes(outputDir),
  freeBytesMin: config['retention.min_free_bytes'],
  onChange: (reason) => reply({ kind: 'storage', fault: reason ?? null }),
});
const recovered = await recoverWhenPossible();
if (recovered !== undefined) await record(recovered);

/** Undefined when told to stop before: then all is left to the next start. */
async function recoverWhenPossible(): Promise<RecoveredLane | undefined> {
  const options = {
    ...{ storage, clock: systemClock, decoder, tallies, tell: reply },
    journal: sayingOnce(journal),
    encode: (signal: Signal) => {
      hasCompressed = true;
      return encoder.encode(signal);
    },
  };
  for (;;) {
    let lane: RecoveredLane | undefined;
    await fault.attemptLong(async () => {
      lane = await finish(recoverLane({ ...options, start }));
    });
    if (lane !== undefined || (await isStoppedWithin(recoverAgainMs))) return lane;
  }
}

async function finish<T>(steps: Generator<void, T, undefined>): Promise<T> {
  let turnMs = systemClock.monotonicMs() + stepsMsMax;
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (systemClock.monotonicMs() < turnMs) continue;
    await eventLoopTurn();
    turnMs = systemClock.monotonicMs() + stepsMsMax;
  }
}

/** For what is done again and again: each line is written the first time. */
function sayingOnce({ write }: Journal): Journal {
  const said = new Set<string>();
  return {
    write: (level, message, fields = {}) => {
      const line = [message, ...Object.values(fields)].join();
      if (!said.has(line)) write(level, message, fields);
      said.add(line);
    },
  };
}

/** Commands are refused meanwhile. */
async function isStoppedWithin(ms: number): Promise<boolean> {
  const endMs = systemClock.monotonicMs() + ms;
  while (systemClock.monotonicMs() < endMs) {
    await sleep(commandLookMs);
    const command = nextCommand();
    if (command === undefined) continue;
    const isStop = command.kind === 'stop';
    if (command.kind === 'reconfigure') reconfigure(command.config);
    const done = { kind: 'done', id: command.id, rows: {}, sealed: [] } as const;
    const reason = fault.writeReason;
    reply(isStop || reason === undefined ? done : { ...done, fault: reason });
    if (isStop) return true;
  }
  return false;
}

/** Until `stop`: synchronous but for `freeCompressed`, as nothing else runs in this thread. */
async function record({ log: opened, ...parts }: RecoveredLane): Promise<void> {
  const { positions, segments, batches } = parts;
  const log = opened && new FrameLog({ lane: laneNumber, ...opened, consumer, memory });
  const files = { storage, outputDir, recorderId, segments };
  const onLockMissing = () => reply({ kind: 'lockMissing' });
  const vanishedFiles = new VanishedFiles({
    ...{ clock: systemClock, segments: [...segments.writers.values()], batches, log, journal },
    restoreFiles: () => restorePrivateFiles({ ...files, onLockMissing }),
  });
  const lane = new Lane({
    ...{ lane: laneNumber, positions, ringCount, consumer, decoder },
    batchBytesMax: config['batch.max_bytes'],
    ...{ tallies, batches, segments, log, fault, vanishedFiles },
  });
  const progress = new LaneProgress(start.progress, laneNumber);
  progress.write(positions.next, lane.archivedBelow);
  reply({ kind: 'ready', layout });
  for (;;) {
    const frameCount = lane.turn();
    progress.write(positions.next, lane.archivedBelow);
    if (hasCompressed) await freeCompressed();
    const command = nextCommand();
    if (command !== undefined) obey(command, lane, segments, vanishedFiles);
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

function obey(
  command: LaneCommand,
  lane: Lane,
  segments: LaneSegments,
  vanishedFiles: VanishedFiles,
): void {
  const { kind, id } = command;
  if (kind === 'look' || command.kind === 'reconfigure') {
    if (command.kind === 'reconfigure') reconfigure(command.config, segments);
    else vanishedFiles.hurry();
    reply({ kind: 'done', id, rows: {}, sealed: [] });
    return;
  }
  // What was acknowledged before the command was sent has been taken; at a stop, take the rest too.
  if (kind === 'stop') while (lane.turn() > 0);
  const reason = kind === 'rotate' ? command.reason : 'asked';
  const written = kind === 'flush' ? { ...lane.flush(), sealed: [] } : lane.rotate(reason);
  if (kind === 'stop') vanishedFiles.sayLost();
  const { rows, sealed, fault: failed } = written;
  reply({ kind: 'done', id, rows, sealed, ...(failed === undefined ? {} : { fault: failed }) });
}

/** What a reload may change; the rest of the configuration is that of the start. */
function reconfigure(changed: LaneStart['config'], segments?: LaneSegments): void {
  start = { ...start, config: changed };
  fault.setFreeBytesMin(changed['retention.min_free_bytes']);
  segments?.reconfigure(changed);
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
