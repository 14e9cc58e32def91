/** Settles the segments and the log that an earlier run left, before the lane takes new frames. */

import type { RequestDecoder } from '../columns/request-decoder.ts';
import { walFolder } from '../disk/layout.ts';
import { recoverSegments } from '../disk/recovery/recovery.ts';
import type { Storage } from '../disk/storage.ts';
import { readWal, type WalEnd, type WalReadOptions } from '../disk/wal/wal-reader.ts';
import { type WalReach, WalWriter } from '../disk/wal/wal-writer.ts';
import type { TallyCounter } from '../ring/tallies.ts';
import type { Clock } from '../shared/clock.ts';
import type { EncodedBatch } from '../shared/encoded-batch.ts';
import { invariant } from '../shared/invariant.ts';
import type { Journal } from '../shared/journal.ts';
import { type Signal, signalNumber } from '../shared/signal.ts';
import { Batches } from './batches.ts';
import type { LaneStart, SegmentSealed } from './lane-messages.ts';
import { LaneSegments } from './lane-segments.ts';
import { replayCounter, replayLog } from './log-recovery.ts';
import type { PositionCounter } from './position-counter.ts';

export interface LaneRecoveryOptions {
  readonly start: Pick<LaneStart, 'config' | 'lane' | 'recorderId' | 'schemaMessages'>;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly decoder: RequestDecoder;
  readonly encode: (signal: Signal) => EncodedBatch;
  readonly tallies: TallyCounter;
  readonly onSealed: (segment: SegmentSealed) => void;
  readonly journal: Journal;
}

/** The parts that a lane records with after its recovery. */
export interface RecoveredLane {
  readonly positions: PositionCounter;
  readonly segments: LaneSegments;
  readonly batches: Batches;
  /** Undefined with durability `received`. */
  readonly log: RecoveredLog | undefined;
}

export interface RecoveredLog {
  readonly writer: WalWriter;
  /** Opens another writer over the remaining files, when no frame in them is needed. */
  readonly openAfter: (reach: WalReach) => WalWriter;
}

/**
 * Writes the frames that are in the log but in no segment to segments. It does so also if this run
 * keeps no log but an earlier one did. The recovery takes many small steps. The event loop should
 * turn between them from time to time, because the output of the native compressor is freed only
 * then. If it throws, the decoder is as before, and the recovery may be tried again.
 */
export function* recoverLane(
  options: LaneRecoveryOptions,
): Generator<void, RecoveredLane, undefined> {
  const { start, storage, clock, decoder, encode, tallies, onSealed, journal } = options;
  const { config, lane, recorderId } = start;
  const recovery = yield* recoverSegments(storage, config.output_dir, recorderId, lane);
  const positions = { next: Number(recovery.nextPosition) };
  const segments = new LaneSegments({
    start,
    storage,
    clock,
    recovery,
    positions,
    onSealed,
    journal,
  });
  const limits = { rowsMax: config['batch.max_rows'], ageMaxMs: config['batch.max_age'] };
  const held = { limits, clock, decoder, segments: segments.writers, encode };
  const log = logOf(options);
  try {
    const batches = new Batches({ ...held, tallies: replayCounter(tallies) });
    const parts = {
      decoder,
      batchBytesMax: config['batch.max_bytes'],
      batches,
      positions,
      journal,
    };
    const found = yield* replayLog({ log, segments: recovery, ...parts });
    batches.writeAll();
    segments.seal();
    segments.settle();
    return {
      ...{ positions, segments },
      batches: new Batches({ ...held, tallies }),
      log: config.durability === 'received' ? undefined : openLog(options, log, found, positions),
    };
  } catch (error) {
    for (const signal of segments.writers.keys()) decoder.reset(signalNumber(signal));
    segments.abandon();
    throw error;
  }
}

function logOf({ start, storage }: LaneRecoveryOptions): WalReadOptions {
  const { config, lane, recorderId } = start;
  const folder = walFolder(config.output_dir, lane);
  storage.makeFolder(folder);
  return { storage, folder, recorderId, lane };
}

function openLog(
  { start: { config } }: LaneRecoveryOptions,
  log: WalReadOptions,
  found: WalEnd,
  positions: PositionCounter,
): RecoveredLog {
  const { durability } = config;
  invariant(durability !== 'received', 'a log promises something');
  const open = (end: WalEnd, after?: WalReach) =>
    new WalWriter({
      ...{ ...log, walBytesMax: config['wal.max_bytes'], durability, found: end },
      neededFrom: positions.next,
      ...(after === undefined ? {} : { after }),
    });
  return {
    writer: open(found),
    openAfter: (reach) => {
      log.storage.makeFolder(log.folder);
      return open(endOf({ ...log, neededFrom: positions.next }), reach);
    },
  };
}

/** Surveys the remaining files of the log, when no frame in them is needed. */
function endOf(log: WalReadOptions): WalEnd {
  for (const item of readWal(log)) if (item.kind === 'end') return item;
  invariant(false, 'the log has an end');
}
