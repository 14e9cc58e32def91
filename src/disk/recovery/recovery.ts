/** Settles the segments that earlier runs left, and reports which positions they hold. */
import { join } from 'node:path';
import type { Decompress } from '../../shared/decompress.ts';
import { type Signal, signals } from '../../shared/signal.ts';
import { openBatchAt, type StoredBatch } from '../ipc/stored-batch.ts';
import { nativeDecompress } from '../ipc/zstd.ts';
import { type Checkpoint, readCheckpoint } from '../segment/checkpoint.ts';
import { readSegment, type SegmentFile, segmentFiles } from '../segment/segment-files.ts';
import type { Storage } from '../storage.ts';
import {
  ArchivedPositions,
  type ArchivedThrough,
  type PositionRange,
} from './archived-positions.ts';
import { beginsWithRows } from './batch-comparison.ts';
import { planSettlement, type SettlementPlan, settleSegment } from './segment-settlement.ts';
import { isWholeSegment, type SegmentSurvey, surveySegment } from './segment-survey.ts';
import { finishSetAsides, type SetAsideSegment } from './set-aside.ts';
import type { SoundBatch } from './sound-batch.ts';
import { settleStaged } from './staged-segments.ts';
import { superfluousBatches } from './superfluous-batches.ts';

export interface SegmentRecovery {
  /** Greater than every position of the lane in checkpoint and segments. The first is 1. */
  readonly nextPosition: bigint;
  /** Greater than every number in checkpoint and file names, of any recorder. The first is 1. */
  readonly nextSegmentNumber: number;
  readonly checkpoint: Checkpoint | 'absent' | 'damaged';
  /** True if a segment holds the frame: an examined segment, or one that the checkpoint covers. */
  isArchived(signal: Signal, position: number): boolean;
  /** All frames below this position are archived. The log may have to replay the others. */
  readonly neededFrom: number;
  /**
   * The parts of a range lost from the log that no segment can hold either. The other positions lie
   * within the range of a batch; they are in it unless they belonged to another signal.
   */
  missing(range: PositionRange): readonly PositionRange[];
  readonly report: RecoveryReport;
}

export interface RecoveryReport {
  /** Segments that were ended and sealed. All paths are below the output directory. */
  readonly sealed: readonly string[];
  /** Number of torn bytes cut from those segments. */
  readonly cutBytes: number;
  /** Segments without any row. */
  readonly removed: readonly string[];
  readonly setAside: readonly SetAsideSegment[];
  /** Rows of damaged batches, as far as they can be read. The log may still have them. */
  readonly lostRows: number;
  /** Number of batches left out because another batch holds their rows. */
  readonly doubledBatches: number;
  /**
   * Damaged paths of segments with a batch whose positions another batch holds with other rows. The
   * archive keeps the other one; these files keep this one.
   */
  readonly conflicts: readonly string[];
  /** Segments of other recorders without a right end. They stay as they are. */
  readonly foreignTorn: readonly string[];
}

interface Owner {
  readonly recorderId: string;
  readonly lane: number;
}

interface OwnSegment {
  readonly file: SegmentFile;
  readonly survey: SegmentSurvey;
  /** The whole batches of this recorder's lane. */
  readonly batches: readonly SoundBatch[];
}

/**
 * With a checkpoint, examines only the segments that were open when it was written, or are newer;
 * without one, examines all, one in each step. Segments of this recorder's lane become sealed and
 * whole, and so do files that name no recorder. Recovery may be killed at any moment and run again.
 * No other process may write to the directory meanwhile.
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
  const foreignTorn: string[] = [];
  for (const file of files.filter(({ number }) => number >= numberMin)) {
    const survey = surveyAt(storage, outputDir, file.path, decompress);
    const own = survey && toOwnSegment(file, survey, { recorderId, lane });
    if (own !== undefined) segments.push(own);
    else if (survey !== undefined && isForeignTorn(survey, recorderId)) foreignTorn.push(file.path);
    yield;
  }
  const usedBefore = typeof found === 'string' ? 1 : found.nextSegmentNumber;
  return {
    ...positionsOf(checkpoint, segments, lane),
    nextSegmentNumber: Math.max(usedBefore, (files.at(-1)?.number ?? 0) + 1),
    checkpoint,
    report: { ...settle(storage, outputDir, segments, finished, decompress), foreignTorn },
  };
}

/** The checkpoint of another recorder only counts for segment numbers. */
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

/** Undefined for a segment of another recorder or lane. */
function toOwnSegment(
  file: SegmentFile,
  survey: SegmentSurvey,
  owner: Owner,
): OwnSegment | undefined {
  if (!isOwn(survey, owner)) return undefined;
  // Without a schema the batches cannot be read.
  const readable = survey.schemaBytes > 0 ? survey.batches : [];
  return { file, survey, batches: readable.filter((batch) => isOf(batch, owner)) };
}

function isForeignTorn(survey: SegmentSurvey, recorderId: string): boolean {
  return survey.schemaRecorder !== recorderId && !isWholeSegment(survey);
}

/** A file without schema and batches belongs to no recorder yet: it had just been created. */
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
  decompress: Decompress,
): Omit<RecoveryReport, 'foreignTorn'> {
  const beginsWith = batchComparison(storage, outputDir, segments, decompress);
  const found = signals.map((signal) =>
    superfluousBatches(batchesOf(segments, signal), beginsWith),
  );
  const doubled = new Set(found.flatMap((each) => [...each.doubled]));
  const conflicting = new Set(found.flatMap((each) => [...each.conflicting]));
  // All batches that stay must be durable before anything is left out or cut.
  for (const { file, batches } of segments) {
    if (batches.length > 0) syncSegment(storage, join(outputDir, file.path));
  }
  const settled = segments.map(({ file: { path }, survey, batches }) => {
    const kept = batches.filter((batch) => !doubled.has(batch) && !conflicting.has(batch));
    const plan = planSettlement(survey, kept);
    const aside = settleSegment(storage, outputDir, path, plan);
    return { path, plan, aside, isConflict: batches.some((batch) => conflicting.has(batch)) };
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
    conflicts: settled.flatMap(({ aside, isConflict }) =>
      aside !== undefined && isConflict ? [aside.damagedPath] : [],
    ),
  };
}

/** Compares two batches, which may lie in different segments, by their rows. */
function batchComparison(
  storage: Storage,
  outputDir: string,
  segments: readonly OwnSegment[],
  decompress: Decompress,
): (longer: SoundBatch, shorter: SoundBatch) => boolean {
  const paths = new Map(
    segments.flatMap(({ file, batches }) => batches.map((batch) => [batch, file.path] as const)),
  );
  const withBatch = <T>(batch: SoundBatch, action: (stored: StoredBatch) => T): T | undefined =>
    readSegment(storage, outputDir, paths.get(batch)!, (file) => {
      const stored = openBatchAt({ storage, file, decompress }, batch.offset);
      return typeof stored === 'string' ? undefined : action(stored);
    });
  return (longer, shorter) => {
    const isSame = withBatch(longer, (a) => withBatch(shorter, (b) => beginsWithRows(a, b)));
    return isSame === true;
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
