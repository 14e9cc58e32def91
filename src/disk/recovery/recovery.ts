/** Settles the segments that earlier runs left, and says which positions they hold. */
import { join } from 'node:path';
import type { Decompress } from '../../shared/decompress.ts';
import { type Signal, signals } from '../../shared/signal.ts';
import { nativeDecompress } from '../ipc/zstd.ts';
import { type Checkpoint, readCheckpoint } from '../segment/checkpoint.ts';
import { readSegment, type SegmentFile, segmentFiles } from '../segment/segment-files.ts';
import type { Storage } from '../storage.ts';
import {
  ArchivedPositions,
  type ArchivedThrough,
  type PositionRange,
} from './archived-positions.ts';
import { planSettlement, type SettlementPlan, settleSegment } from './segment-settlement.ts';
import { type SegmentSurvey, surveySegment } from './segment-survey.ts';
import { finishSetAsides, type SetAsideSegment } from './set-aside.ts';
import type { SoundBatch } from './sound-batch.ts';
import { settleStaged } from './staged-segments.ts';
import { superfluousBatches } from './superfluous-batches.ts';

export interface SegmentRecovery {
  /** Above every position of the lane in checkpoint and segments; the first is 1. */
  readonly nextPosition: bigint;
  /** Above every number in checkpoint and file names, whoever's; the first is 1. */
  readonly nextSegmentNumber: number;
  readonly checkpoint: Checkpoint | 'absent' | 'damaged';
  /** Whether a segment holds the frame: one that was looked at, or as the checkpoint says. */
  isArchived(signal: Signal, position: number): boolean;
  /**
   * Frames below it are archived, whatever their signal; the log may have to give the others again.
   */
  readonly neededFrom: number;
  /**
   * Of positions that the log cannot give, those that no segment can hold either. The others lie
   * within a batch of some signal, in which they are unless they belonged to another signal.
   */
  missing(range: PositionRange): readonly PositionRange[];
  readonly report: RecoveryReport;
}

export interface RecoveryReport {
  /** Paths below the output directory; so are all. */
  readonly sealed: readonly string[];
  /** What lay behind the last whole batch of those. */
  readonly cutBytes: number;
  /** Without any row. */
  readonly removed: readonly string[];
  readonly setAside: readonly SetAsideSegment[];
  /** Of batches that were not whole, as far as they can be read; the log may still have them. */
  readonly lostRows: number;
  /** Batches whose rows stand in another batch too, and which were left out. */
  readonly doubledBatches: number;
}

interface Owner {
  readonly recorderId: string;
  readonly lane: number;
}

interface OwnSegment {
  readonly file: SegmentFile;
  readonly survey: SegmentSurvey;
  /** The whole ones of this recorder's lane. */
  readonly batches: readonly SoundBatch[];
}

/**
 * With a checkpoint only the segments that were open at its time, or came later, are looked at;
 * without one all are, one in each step. Of these, those of this recorder's lane become sealed and
 * whole, and so do files that name no recorder. It may be killed at any moment and run again. No
 * other process may write here meanwhile.
 */
export function* recoverSegments(
  storage: Storage,
  outputDir: string,
  recorderId: string,
  lane: number,
): Generator<void, SegmentRecovery, undefined> {
  const found = readCheckpoint(storage, outputDir);
  const checkpoint = ownCheckpoint(found, recorderId);
  const numberMin = typeof checkpoint === 'string' ? 1 : checkpoint.oldestOpenNumber;
  const decompress = nativeDecompress();
  const finished = finishSetAsides(storage, outputDir, (path) =>
    surveyAt(storage, outputDir, path, decompress),
  );
  settleStaged(storage, outputDir, recorderId, (path) =>
    surveyAt(storage, outputDir, path, decompress),
  );
  const files = segmentFiles(storage, outputDir, signals);
  const segments: OwnSegment[] = [];
  for (const file of files.filter(({ number }) => number >= numberMin)) {
    segments.push(...lookAt(storage, outputDir, file, { recorderId, lane }, decompress));
    yield;
  }
  const usedBefore = typeof found === 'string' ? 1 : found.nextSegmentNumber;
  return {
    ...positionsOf(checkpoint, segments, lane),
    nextSegmentNumber: Math.max(usedBefore, (files.at(-1)?.number ?? 0) + 1),
    checkpoint,
    report: settle(storage, outputDir, segments, finished),
  };
}

/** One of another recorder tells of numbers, and of nothing else. */
function ownCheckpoint(
  found: Checkpoint | 'absent' | 'damaged',
  recorderId: string,
): Checkpoint | 'absent' | 'damaged' {
  if (typeof found === 'string' || found.recorder === recorderId) return found;
  return 'damaged';
}

function surveyAt(
  storage: Storage,
  outputDir: string,
  path: string,
  decompress: Decompress,
): SegmentSurvey | undefined {
  return readSegment(storage, outputDir, path, (file) => surveySegment(storage, file, decompress));
}

function lookAt(
  storage: Storage,
  outputDir: string,
  file: SegmentFile,
  owner: Owner,
  decompress: Decompress,
): OwnSegment[] {
  const survey = surveyAt(storage, outputDir, file.path, decompress);
  if (survey === undefined || !isOwn(survey, owner)) return [];
  // Without a schema nobody can read them.
  const readable = survey.schemaBytes > 0 ? survey.batches : [];
  return [{ file, survey, batches: readable.filter((batch) => isOf(batch, owner)) }];
}

/** What names nobody is taken for a file that was only just made. */
function isOwn({ batches, schemaBytes, schemaRecorder }: SegmentSurvey, owner: Owner): boolean {
  if (batches.some((batch) => isOf(batch, owner))) return true;
  if (batches.some(({ recorder }) => recorder === owner.recorderId)) return false;
  if (schemaRecorder !== undefined) return schemaRecorder === owner.recorderId;
  return schemaBytes === 0 && batches.length === 0;
}

function isOf({ recorder, lane }: SoundBatch, owner: Owner): boolean {
  return recorder === owner.recorderId && lane === owner.lane;
}

function positionsOf(
  checkpoint: Checkpoint | 'absent' | 'damaged',
  segments: readonly OwnSegment[],
  lane: number,
): Pick<SegmentRecovery, 'nextPosition' | 'isArchived' | 'neededFrom' | 'missing'> {
  const lanes = typeof checkpoint === 'string' ? [] : checkpoint.lanes;
  const known = lanes.find((entry) => entry.lane === lane);
  const through = (signal: Signal) => Number(known?.archived[signal] ?? 0n);
  const archivedThrough: ArchivedThrough = {
    traces: through('traces'),
    metrics: through('metrics'),
    logs: through('logs'),
  };
  const ranges = new Map(signals.map((signal) => [signal, batchesOf(segments, signal)]));
  const archived = new ArchivedPositions(archivedThrough, ranges);
  return {
    nextPosition: BigInt(Math.max(Number(known?.nextPosition ?? 1n), archived.last + 1)),
    isArchived: (signal, position) => archived.has(signal, position),
    neededFrom: archived.neededFrom,
    missing: (range) => archived.missing(range),
  };
}

function batchesOf(segments: readonly OwnSegment[], signal: Signal): SoundBatch[] {
  return segments.filter(({ file }) => file.signal === signal).flatMap(({ batches }) => batches);
}

function settle(
  storage: Storage,
  outputDir: string,
  segments: readonly OwnSegment[],
  finished: readonly SetAsideSegment[],
): RecoveryReport {
  const doubled = new Set(
    signals.flatMap((signal) => [...superfluousBatches(batchesOf(segments, signal))]),
  );
  // Nothing is left out or cut before all that stays, wherever it lies, is durable.
  for (const { file, batches } of segments) {
    if (batches.length > 0) syncSegment(storage, join(outputDir, file.path));
  }
  const settled = segments.map(({ file: { path }, survey, batches }) => {
    const kept = batches.filter((batch) => !doubled.has(batch));
    const plan = planSettlement(survey, kept);
    return { path, plan, aside: settleSegment(storage, outputDir, path, plan) };
  });
  const pathsOf = (action: SettlementPlan['action']) =>
    settled.filter(({ plan }) => plan.action === action).map(({ path }) => path);
  const cutBytes = settled.map(({ plan }) => (plan.action === 'end' ? plan.cutBytes : 0));
  return {
    sealed: pathsOf('end'),
    cutBytes: sum(cutBytes),
    removed: pathsOf('remove'),
    setAside: [...finished, ...settled.flatMap(({ aside }) => aside ?? [])],
    lostRows: sum(segments.map(({ survey }) => survey.damagedRows)),
    doubledBatches: doubled.size,
  };
}

function syncSegment(storage: Storage, path: string): void {
  const file = storage.open(path, 'update');
  try {
    storage.syncData(file);
  } finally {
    storage.close(file);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
