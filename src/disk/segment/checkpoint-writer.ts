/** Keeps the checkpoint of a recorder with one lane up to date. */
import type { Signal } from '../../shared/signal.ts';
import { privatePath } from '../layout.ts';
import type { Storage } from '../storage.ts';
import {
  type Checkpoint,
  isCheckpointMissing,
  type LaneCheckpoint,
  writeCheckpoint,
} from './checkpoint.ts';

export interface CheckpointWriterOptions {
  readonly storage: Storage;
  readonly outputDir: string;
  readonly recorderId: string;
  readonly lane: number;
  /** The result of recovery. */
  readonly start: {
    readonly checkpoint: Checkpoint | 'absent' | 'damaged';
    readonly nextSegmentNumber: number;
  };
  /** Returns a position greater than every position that the lane has assigned. */
  readonly nextPosition: () => bigint;
}

const nothingArchived = { traces: 0n, metrics: 0n, logs: 0n } as const;

/** The constructor writes the result of recovery, so that the next start need not repeat it. */
export class CheckpointWriter {
  readonly #options: CheckpointWriterOptions;
  /** The numbers of the active segments, by signal. */
  readonly #openNumbers = new Map<Signal, number>();
  /** Entries of an earlier run with more lanes. Their positions stay used. */
  readonly #otherLanes: readonly LaneCheckpoint[];
  /**
   * The lowest number of a segment that is not active but that the next start must examine. Until
   * recovery is settled, it covers all segments that this recovery examined. Afterwards it covers
   * segments that a fault left behind.
   */
  #leftFrom: number | undefined;
  #nextNumber: number;
  #archived: LaneCheckpoint['archived'];

  constructor(options: CheckpointWriterOptions) {
    const { checkpoint, nextSegmentNumber } = options.start;
    this.#options = options;
    this.#nextNumber = nextSegmentNumber;
    this.#leftFrom = typeof checkpoint === 'string' ? 1 : checkpoint.oldestOpenNumber;
    const lanes = typeof checkpoint === 'string' ? [] : checkpoint.lanes;
    this.#otherLanes = lanes.filter(({ lane }) => lane !== options.lane);
    this.#archived = lanes.find(({ lane }) => lane === options.lane)?.archived ?? nothingArchived;
    this.#write(nextSegmentNumber);
  }

  /**
   * Returns the number of the signal's next segment. It is marked as used before it is returned.
   */
  takeNumber(signal: Signal): number {
    const number = this.#nextNumber;
    this.#openNumbers.set(signal, number);
    this.#write(number + 1);
    this.#nextNumber = number + 1;
    return number;
  }

  /** Call this when the signal's active segment is sealed and durable, with its last position. */
  sealed(signal: Signal, lastPosition: bigint): void {
    this.#openNumbers.delete(signal);
    this.#archived = { ...this.#archived, [signal]: lastPosition };
    this.#write(this.#nextNumber);
  }

  /**
   * Call this when a segment is left unsealed, while its number is still that of the active one.
   * The next start must find its rows before it replays the log.
   */
  left(number: number): void {
    this.#leftFrom = Math.min(this.#leftFrom ?? number, number);
  }

  /** Call this when everything up to a position is in sealed, durable segments, or is lost. */
  settle(lastPosition: bigint): void {
    this.#leftFrom = undefined;
    this.#archived = { traces: lastPosition, metrics: lastPosition, logs: lastPosition };
    this.#write(this.#nextNumber);
  }

  /** Writes the checkpoint if its file is missing. Returns true if it was. */
  restore(): boolean {
    const { storage, outputDir } = this.#options;
    if (!isCheckpointMissing(storage, outputDir)) return false;
    storage.makeFolder(privatePath(outputDir));
    this.#write(this.#nextNumber);
    return true;
  }

  #write(nextSegmentNumber: number): void {
    const { storage, outputDir, recorderId, lane, nextPosition } = this.#options;
    const own = { lane, nextPosition: nextPosition(), archived: this.#archived };
    writeCheckpoint(storage, outputDir, {
      recorder: recorderId,
      nextSegmentNumber,
      oldestOpenNumber: Math.min(
        this.#leftFrom ?? nextSegmentNumber,
        ...this.#openNumbers.values(),
      ),
      lanes: [...this.#otherLanes, own].sort((a, b) => a.lane - b.lane),
    });
  }
}
