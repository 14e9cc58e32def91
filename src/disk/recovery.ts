/** Looks at what earlier runs left and says where the next one goes on; changes nothing. */
import { signals } from '../shared/signal.ts';
import { readSegment, type SegmentFile, segmentFiles } from './catalogue.ts';
import { type Checkpoint, readCheckpoint } from './checkpoint.ts';
import { readMessages, type StreamEnd } from './ipc-reader.ts';
import { readLogRange } from './message-metadata.ts';
import type { OpenFile, Storage } from './storage.ts';

export interface StartPlan {
  /** Above every position of this recorder's lane in checkpoint and segments; the first is 1. */
  readonly nextPosition: bigint;
  /** Above every number in checkpoint and file names, whoever's; the first is 1. */
  readonly nextSegmentNumber: number;
  /** Segments without an end mark that are not another recorder's, by number. */
  readonly unsealed: readonly UnsealedSegment[];
  readonly checkpoint: Checkpoint | 'absent' | 'damaged';
}

export interface UnsealedSegment {
  readonly path: string;
  readonly end: StreamEnd;
}

/**
 * With a checkpoint only the segments that were open at its time, or came later, are read; without
 * one all are. Positions and numbers are never used twice, so of several answers the greatest is
 * taken.
 */
export function planStart(
  storage: Storage,
  outputDir: string,
  recorderId: string,
  lane: number,
): StartPlan {
  const checkpoint = readCheckpoint(storage, outputDir);
  const known = typeof checkpoint === 'string' ? undefined : checkpoint;
  const files = segmentFiles(storage, outputDir, signals);
  let nextPosition = known?.lanes.find((entry) => entry.lane === lane)?.nextPosition ?? 1n;
  const unsealed: UnsealedSegment[] = [];
  for (const file of files) {
    if (file.number < (known?.oldestOpenNumber ?? 1)) continue;
    const look = lookAt(storage, outputDir, file, recorderId, lane);
    if (look === undefined) continue;
    if (look.lastPosition >= nextPosition) nextPosition = look.lastPosition + 1n;
    if (look.end.state !== 'sealed' && !look.isForeign) {
      unsealed.push({ path: file.path, end: look.end });
    }
  }
  const lastNumber = files.at(-1)?.number ?? 0;
  const nextSegmentNumber = Math.max(known?.nextSegmentNumber ?? 1, lastNumber + 1);
  return { nextPosition, nextSegmentNumber, unsealed, checkpoint };
}

interface SegmentLook {
  /** The greatest that a whole batch of this recorder's lane completes; 0 where there is none. */
  readonly lastPosition: bigint;
  /** Whether a batch names another recorder. */
  readonly isForeign: boolean;
  readonly end: StreamEnd;
}

function lookAt(
  storage: Storage,
  outputDir: string,
  segment: SegmentFile,
  recorderId: string,
  lane: number,
): SegmentLook | undefined {
  return readSegment(storage, outputDir, segment.path, (file) =>
    lookInto(storage, file, recorderId, lane),
  );
}

function lookInto(
  storage: Storage,
  file: OpenFile,
  recorderId: string,
  lane: number,
): SegmentLook | undefined {
  let lastPosition = 0n;
  let isForeign = false;
  for (const item of readMessages(storage, file)) {
    if (item.kind === 'end') return { lastPosition, isForeign, end: item };
    const range = readLogRange(item.customMetadata);
    if (range === undefined) continue;
    if (range.recorder !== recorderId) isForeign = true;
    else if (range.lane === lane && range.to > lastPosition) lastPosition = range.to;
  }
  return undefined;
}
