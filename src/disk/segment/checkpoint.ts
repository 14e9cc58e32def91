/** `.archer/checkpoint`: how far the work is durable, and which numbers have been used. */
import type { Signal } from '../../shared/signal.ts';
import { readCheckedFile, writeCheckedFile } from '../checked-file.ts';
import { checkpointPath } from '../layout.ts';
import type { Storage } from '../storage.ts';

export interface LaneCheckpoint {
  readonly lane: number;
  /** Greater than every position in a segment whose number is below oldestOpenNumber. */
  readonly nextPosition: bigint;
  /** For each signal: all requests up to this position are in durable segments; 0 means none. */
  readonly archived: Readonly<Record<Signal, bigint>>;
}

export interface Checkpoint {
  readonly recorder: string;
  /** Greater than every segment number ever used, so that no number is used again. */
  readonly nextSegmentNumber: number;
  /** Segments with smaller numbers are sealed, or were settled by an earlier run. */
  readonly oldestOpenNumber: number;
  readonly lanes: readonly LaneCheckpoint[];
}

const formatVersion = 1;

/** Enough for thousands of lanes. A longer file is damaged. */
const checkpointBytesMax = 1024 * 1024;

/** Replaces the checkpoint durably. The folder must exist. */
export function writeCheckpoint(storage: Storage, outputDir: string, checkpoint: Checkpoint): void {
  writeCheckedFile(storage, checkpointPath(outputDir), toText(checkpoint));
}

/** Returns the checkpoint exactly as it was written, or the reason why there is none. */
export function readCheckpoint(
  storage: Storage,
  outputDir: string,
): Checkpoint | 'absent' | 'damaged' {
  const content = readCheckedFile(storage, checkpointPath(outputDir), checkpointBytesMax);
  return typeof content === 'string' ? content : (fromText(content.text) ?? 'damaged');
}

/** True if there is no file: it was removed, or never written. */
export function isCheckpointMissing(storage: Storage, outputDir: string): boolean {
  return storage.stat(checkpointPath(outputDir)) === undefined;
}

/** One line of JSON. Positions are text, because JSON numbers are exact only up to 2^53. */
function toText({ recorder, nextSegmentNumber, oldestOpenNumber, lanes }: Checkpoint): string {
  const json: CheckpointJson = {
    version: formatVersion,
    recorder,
    next_segment_number: nextSegmentNumber,
    oldest_open_number: oldestOpenNumber,
    lanes: lanes.map(({ lane, nextPosition, archived }) => ({
      lane,
      next_position: String(nextPosition),
      archived: bySignal((signal) => String(archived[signal])),
    })),
  };
  return `${JSON.stringify(json)}\n`;
}

/** Undefined unless `toText` gives exactly this text, so that no field has an unexpected type. */
function fromText(text: string): Checkpoint | undefined {
  try {
    const checkpoint = fromJson(JSON.parse(text));
    return toText(checkpoint) === text ? checkpoint : undefined;
  } catch {
    return undefined;
  }
}

interface CheckpointJson {
  readonly version: number;
  readonly recorder: string;
  readonly next_segment_number: number;
  readonly oldest_open_number: number;
  readonly lanes: readonly {
    readonly lane: number;
    readonly next_position: string;
    readonly archived: Readonly<Record<Signal, string>>;
  }[];
}

/** Converts each field to its type. If a field had another type, `toText` gives another text. */
function fromJson(json: CheckpointJson): Checkpoint {
  return {
    recorder: String(json.recorder),
    nextSegmentNumber: Number(json.next_segment_number),
    oldestOpenNumber: Number(json.oldest_open_number),
    lanes: json.lanes.map(({ lane, next_position, archived }) => ({
      lane: Number(lane),
      nextPosition: BigInt(next_position),
      archived: bySignal((signal) => BigInt(archived[signal])),
    })),
  };
}

function bySignal<T>(of: (signal: Signal) => T): Record<Signal, T> {
  return { traces: of('traces'), metrics: of('metrics'), logs: of('logs') };
}
