/** The composition root of a lane's thread: its rings, decoder and segments, and its commands. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Consumer } from './buffer/consumer.ts';
import { initialiseLane, type LaneLayout, layoutBytes, planLayout } from './buffer/layout.ts';
import { TallyWriter } from './buffer/tallies.ts';
import { BatchEncoder } from './columns/record-batch.ts';
import { openRequestDecoder, type RequestDecoder } from './columns/request-decoder.ts';
import { nativeCompress, zstdLevel } from './columns/zstd.ts';
import { CheckpointKeeper } from './disk/checkpoint-keeper.ts';
import { planStart } from './disk/recovery.ts';
import { type SealedSegment, SegmentWriter } from './disk/segment-writer.ts';
import { nodeStorage } from './disk/storage.ts';
import { Lane } from './lane.ts';
import { systemClock } from './shared/clock.ts';
import { invariant } from './shared/invariant.ts';
import type { Signal } from './shared/signal.ts';
import type { LaneCommand, LaneReply, LaneStart } from './worker-messages.ts';

/** Between two looks at what is due by its age; a segment's age need not be known better. */
const sleepMsMax = 1_000;

/** One receiver thread. */
const ringCount = 1;

const start: LaneStart = workerData;
invariant(parentPort !== null, 'a lane runs in a worker');
const port = parentPort;
const reply = (message: LaneReply) => port.postMessage(message);

const { config } = start;
const decoder = openRequestDecoder(start.decoderModule, start.memory);
const layout = layOutRings(decoder);
const consumer = new Consumer(start.memory.buffer, layout);
const segments = openSegments();
const encoder = new BatchEncoder(decoder, config.compression, nativeCompress(zstdLevel));

const lane = new Lane({
  lane: start.lane,
  positions: segments.positions,
  limits: {
    batchRowsMax: config['batch.max_rows'],
    batchBytesMax: config['batch.max_bytes'],
    batchAgeMaxMs: config['batch.max_age'],
  },
  clock: systemClock,
  ringCount,
  consumer,
  decoder,
  tallies: new TallyWriter(start.tallies, start.lane),
  segments: segments.writers,
  encode: (signal) => encoder.encode(signal),
});

reply({ kind: 'ready', layout });
run();

/** Until `stop`: synchronous throughout, as nothing else runs in this thread. */
function run(): void {
  for (;;) {
    const frameCount = lane.turn();
    const command = nextCommand();
    if (command !== undefined) obey(command);
    if (command?.kind === 'stop') return;
    if (frameCount === 0 && command === undefined) consumer.waitForWork(lane.sleepMs(sleepMsMax));
  }
}

function nextCommand(): LaneCommand | undefined {
  // Bits only wake the lane: what is wanted stands in the message, sent before them.
  consumer.doorbell.takeRaised();
  return receiveMessageOnPort(port)?.message;
}

function obey({ kind, id }: LaneCommand): void {
  // What was acknowledged before the command was sent has been taken; at a stop, take the rest too.
  if (kind === 'stop') while (lane.turn() > 0);
  const rows = lane.flush();
  const sealed = kind === 'flush' ? [] : segments.seal();
  reply({ kind: 'done', id, rows, sealed });
}

/** The rings lie in the decoder's memory, so that it reads frames where they arrived. */
function layOutRings(owner: RequestDecoder): LaneLayout {
  const options = {
    ringCount,
    ringBytes: config['ring.bytes'],
    overflowBytes: config.max_request_bytes,
  };
  const planned = planLayout({ ...options, base: owner.reserve(layoutBytes(options)) });
  initialiseLane(start.memory.buffer, planned);
  return planned;
}

function openSegments() {
  const { lane: laneNumber, recorderId } = start;
  const storage = nodeStorage;
  const outputDir = config.output_dir;
  const plan = planStart(storage, outputDir, recorderId, laneNumber);
  for (const { path, end } of plan.unsealed) {
    const fields = { path, state: end.state, whole_bytes: end.offset };
    reply({
      kind: 'journal',
      level: 'warn',
      message: 'a segment of an earlier run was left unsealed; it stays as it is',
      fields,
    });
  }
  const positions = { next: Number(plan.nextPosition) };
  const keeper = new CheckpointKeeper({
    storage,
    outputDir,
    recorderId,
    lane: laneNumber,
    start: plan,
    nextPosition: () => BigInt(positions.next),
  });
  const writers = new Map<Signal, SegmentWriter>();
  for (const [signal, schemaMessage] of Object.entries(start.schemaMessages)) {
    const name = signal as Signal;
    const options = {
      ...{ storage, outputDir, signal: name, lane: laneNumber, recorderId, schemaMessage },
      limits: {
        segmentBytesMax: config['rotation.max_bytes'],
        segmentAgeMaxMs: config['rotation.max_age'],
      },
      nextNumber: () => keeper.takeNumber(name),
      onSealed: (segment: SealedSegment) => {
        keeper.sealed(name, segment.lastPosition);
        const { path, rows, bytes, reason } = segment;
        reply({ kind: 'sealed', signal: name, path, rows, bytes, reason });
      },
    };
    writers.set(name, new SegmentWriter(options));
  }
  const seal = () =>
    [...writers.values()].flatMap((writer) => {
      const segment = writer.seal();
      return segment === undefined ? [] : [segment.path];
    });
  return { writers, seal, positions };
}
