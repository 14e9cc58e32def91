/** Keeps the checkpoint of a recorder with one lane in step with its segments. */
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
  /** What recovery found. */
  readonly start: {
    readonly checkpoint: Checkpoint | 'absent' | 'damaged';
    readonly nextSegmentNumber: number;
  };
  /** Above every position that the lane has given out. */
  readonly nextPosition: () => bigint;
}

const nothingArchived = { traces: 0n, metrics: 0n, logs: 0n } as const;

/** Writes what the start found when it is made, so the next start need not find it again. */
export class CheckpointWriter {
  readonly #options: CheckpointWriterOptions;
  /** The numbers of the active segments. */
  readonly #openNumbers = new Map<Signal, number>();
  /** As an earlier run with more lanes left them: their positions stay used. */
  readonly #otherLanes: readonly LaneCheckpoint[];
  /**
   * The lowest number that the next start must look at though it is not active: until recovery is
   * settled all that this one looked at, and from then on what a fault has left behind.
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

  /** The number of the signal's next segment, used up for good before it is given out. */
  takeNumber(signal: Signal): number {
    const number = this.#nextNumber;
    this.#openNumbers.set(signal, number);
    this.#write(number + 1);
    this.#nextNumber = number + 1;
    return number;
  }

  /** To be told when the signal's active segment is sealed and durable, with its last position. */
  sealed(signal: Signal, lastPosition: bigint): void {
    this.#openNumbers.delete(signal);
    this.#archived = { ...this.#archived, [signal]: lastPosition };
    this.#write(this.#nextNumber);
  }

  /**
   * To be told of a segment that is given up as it is, while its number is still that of its
   * signal's active one: rows in it must be found before the log gives them once more.
   */
  left(number: number): void {
    this.#leftFrom = Math.min(this.#leftFrom ?? number, number);
  }

  /** To be told when all up to a position is in sealed and durable segments, or lost for good. */
  settle(lastPosition: bigint): void {
    this.#leftFrom = undefined;
    this.#archived = { traces: lastPosition, metrics: lastPosition, logs: lastPosition };
    this.#write(this.#nextNumber);
  }

  /** Whether the checkpoint had gone, and was written again. */
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
