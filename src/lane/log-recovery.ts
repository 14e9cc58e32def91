/** Replays the frames that are in the log but in no segment, with their positions and times. */

import { decodeResult, type RequestDecoder } from '../columns/request-decoder.ts';
import type { SegmentRecovery } from '../disk/recovery/recovery.ts';
import { readWal, type WalEnd, type WalReadOptions } from '../disk/wal/wal-reader.ts';
import type { WalFrame } from '../disk/wal/wal-use.ts';
import type { TallyCounter } from '../ring/tallies.ts';
import { toBatchId } from '../shared/batch-id.ts';
import { invariant } from '../shared/invariant.ts';
import type { Journal } from '../shared/journal.ts';
import { type Signal, signalNumber } from '../shared/signal.ts';
import type { Batches } from './batches.ts';
import type { PositionCounter } from './position-counter.ts';

/** The greatest value of `batch.max_bytes`. A frame may have been accepted with any value. */
const batchBytesGreatest = 2 ** 30;

/** The decoder may load this many bytes after a request. It never uses them. */
const slackBytes = 16;

export interface LogRecoveryOptions {
  readonly log: Omit<WalReadOptions, 'neededFrom'>;
  readonly segments: SegmentRecovery;
  /** The bodies are copied into this decoder's memory. */
  readonly decoder: Pick<
    RequestDecoder,
    'allocate' | 'free' | 'bytes' | 'decode' | 'tolerateMisplacedFields'
  >;
  /** A request that would take its batch past this many bytes goes into the next batch. */
  readonly batchBytesMax: number;
  /** Must count with a `replayCounter`. */
  readonly batches: Batches;
  /** Becomes greater than every position in the log. */
  readonly positions: PositionCounter;
  readonly journal: Journal;
}

/**
 * Returns the counter for the batches of a replay. Items count as received, archived and recovered
 * together, at the moment when they are in a segment. So an attempt that ends because the disk is
 * full counts nothing twice, however often it is repeated.
 */
export function replayCounter(tallies: TallyCounter): TallyCounter {
  return {
    add: (signal, { archived = 0 }) => {
      tallies.add(signal, { received: archived, archived, recovered: archived });
    },
  };
}

/** Each step replays one frame. After the last step all frames are in columns or segments. */
export function* replayLog(options: LogRecoveryOptions): Generator<void, WalEnd, undefined> {
  const { log, segments, positions, journal } = options;
  let replayedCount = 0;
  let lostCount = 0;
  for (const item of readWal({ ...log, neededFrom: segments.neededFrom })) {
    if (item.kind === 'frame') {
      positions.next = Math.max(positions.next, item.position + 1);
      if (segments.isArchived(item.signal, item.position)) endBatch(options, item.signal);
      else {
        replayFrame(options, item);
        replayedCount += 1;
      }
      yield;
    } else if (item.kind === 'fault') {
      const { path, offset, bytes } = item;
      const isTorn = item.fault === 'the last frame is torn';
      journal.write(isTorn ? 'info' : 'warn', `log: ${item.fault}`, { path, offset, bytes });
    } else if (item.kind === 'loss') {
      for (const { from, to } of segments.missing(item)) {
        lostCount += to - from + 1;
        journal.write('error', 'log: requests are lost, their bytes cannot be read', { from, to });
      }
    } else {
      positions.next = Math.max(positions.next, item.nextPosition);
      report(journal, { replayedCount, lostCount }, segments, item);
      return item;
    }
  }
  invariant(false, 'the log has an end');
}

/**
 * A batch claims to complete all positions of its signal from its first to its last. So it must not
 * include the position of a frame that another batch holds: if that batch were damaged later,
 * recovery would not notice that the frame is missing.
 */
function endBatch({ batches }: LogRecoveryOptions, signal: Signal): void {
  if (batches.holds(signal)) batches.writeDue(new Set([signal]));
}

/** Copies the body into the decoder's memory for as long as it takes to decode it. */
function replayFrame(options: LogRecoveryOptions, frame: WalFrame): void {
  const { decoder, batches } = options;
  const { body } = frame;
  const bodyAddress = decoder.allocate(body.byteLength + slackBytes);
  if (bodyAddress === 0) throw new Error('there is no memory to replay the log');
  try {
    decoder.bytes.set(body, bodyAddress);
    // An earlier version may have acknowledged requests with misplaced fields.
    decoder.tolerateMisplacedFields(true);
    holdFrame(options, frame, bodyAddress);
  } finally {
    decoder.tolerateMisplacedFields(false);
    decoder.free(bodyAddress);
  }
  batches.writeDue(new Set());
}

/**
 * Adds the rows to the batch of their signal, or to the next batch if they do not fit. Throws what
 * writing the batch before throws.
 */
function holdFrame(
  { log, batches, decoder, batchBytesMax }: LogRecoveryOptions,
  { signal, position, receivedTimeNs, body }: WalFrame,
  bodyAddress: number,
): void {
  const batchId = toBatchId(log.lane, position);
  const number = signalNumber(signal);
  const decode = (bytesMax: number) => {
    return decoder.decode(number, bodyAddress, body.length, receivedTimeNs, batchId, bytesMax);
  };
  const fits = batches.accepts(signal, receivedTimeNs);
  let rows = fits ? decode(batchBytesMax) : decodeResult.tooLarge;
  if (rows === decodeResult.tooLarge) {
    if (batches.holds(signal)) batches.writeDue(new Set([signal]));
    rows = decode(batchBytesGreatest);
  }
  invariant(rows > 0, 'a logged frame was accepted when it came');
  batches.hold(signal, position, receivedTimeNs, rows);
}

/** Logs one line with all counts. Logs nothing if the start found nothing to recover. */
function report(
  journal: Journal,
  { replayedCount, lostCount }: { readonly replayedCount: number; readonly lostCount: number },
  { report: found }: SegmentRecovery,
  { sums, foreign }: WalEnd,
): void {
  for (const { path, why } of foreign) {
    journal.write('warn', `log: a file of ${why} was left alone`, { path });
  }
  for (const path of found.foreignTorn) {
    const what = 'a segment of another recorder has no right end, and stays as it is';
    journal.write('warn', `${what}: archer repair can end it`, { path });
  }
  for (const path of found.conflicts) {
    const what = 'a segment has other rows under positions that another segment has too';
    journal.write('error', `${what}: two recorders wrote here; its original is kept`, { path });
  }
  const fields = {
    frames_replayed: replayedCount,
    log_bytes_torn: sums.tornBytes,
    log_bytes_damaged: sums.damagedBytes,
    requests_lost: lostCount,
    segment_bytes_cut: found.cutBytes,
    segments_sealed: found.sealed.length,
    segments_removed: found.removed.length,
    segments_set_aside: found.setAside.length,
    batches_doubled: found.doubledBatches,
  };
  if (Object.values(fields).every((count) => count === 0)) return;
  journal.write('info', 'recovered what an earlier run left', fields);
}
