/** The segment writers of a lane, one for each signal, and the checkpoint that they share. */

import type { Config } from '../config/config.ts';
import type { SegmentRecovery } from '../disk/recovery/recovery.ts';
import { CheckpointWriter } from '../disk/segment/checkpoint-writer.ts';
import type { RotationLimits } from '../disk/segment/rotation.ts';
import type { SealReason, Segment } from '../disk/segment/segment.ts';
import { SegmentWriter } from '../disk/segment/segment-writer.ts';
import type { Storage } from '../disk/storage.ts';
import type { Clock } from '../shared/clock.ts';
import type { Journal } from '../shared/journal.ts';
import type { Signal } from '../shared/signal.ts';
import type { LaneStart, SegmentSealed } from './lane-messages.ts';
import type { PositionCounter } from './position-counter.ts';

export interface LaneSegmentsOptions {
  readonly start: Pick<LaneStart, 'config' | 'lane' | 'recorderId' | 'schemaMessages'>;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly recovery: SegmentRecovery;
  readonly positions: PositionCounter;
  /** Called with each segment that was sealed. */
  readonly onSealed: (segment: SegmentSealed) => void;
  readonly journal: Journal;
}

export class LaneSegments {
  readonly writers: ReadonlyMap<Signal, SegmentWriter>;
  readonly #options: LaneSegmentsOptions;
  readonly #checkpoint: CheckpointWriter;

  constructor(options: LaneSegmentsOptions) {
    const { start, storage, recovery, positions } = options;
    this.#options = options;
    this.#checkpoint = new CheckpointWriter({
      ...{ storage, outputDir: start.config.output_dir, recorderId: start.recorderId },
      ...{ lane: start.lane, start: recovery },
      nextPosition: () => BigInt(positions.next),
    });
    const schemas = Object.entries(start.schemaMessages) as [Signal, Uint8Array][];
    this.writers = new Map(schemas.map(([signal, schema]) => [signal, this.#open(signal, schema)]));
  }

  /** Seals all active segments. Returns their paths below the output directory. */
  seal(reason: SealReason = 'asked'): string[] {
    return [...this.writers.values()].flatMap((writer) => {
      const segment = writer.seal(reason);
      return segment === undefined ? [] : [segment.path];
    });
  }

  /** Applies a changed configuration to the segments that begin after this call. */
  reconfigure(config: Config): void {
    for (const writer of this.writers.values()) {
      writer.reconfigure(limitsOf(config), isStaged(config));
    }
  }

  /**
   * Call this once all recovered segments are sealed. The checkpoint passes them, so that the next
   * start does not examine them again.
   */
  settle(): void {
    this.#checkpoint.settle(BigInt(this.#options.positions.next - 1));
  }

  /** Writes the checkpoint again if its file was deleted. True if it was. */
  restoreCheckpoint(): boolean {
    return this.#checkpoint.restore();
  }

  /** Leaves the active segments as they are. The next recovery finds and seals them. */
  abandon(): void {
    for (const writer of this.writers.values()) writer.abandon();
  }

  #open(signal: Signal, schemaMessage: Uint8Array): SegmentWriter {
    const { start, storage, clock, onSealed, journal } = this.#options;
    const { config, lane, recorderId } = start;
    return new SegmentWriter({
      ...{ storage, clock, outputDir: config.output_dir, recorderId, lane, signal, schemaMessage },
      isSynced: config.durability === 'synced',
      limits: limitsOf(config),
      isStaged: isStaged(config),
      nextNumber: () => this.#checkpoint.takeNumber(signal),
      onSealed: (segment) => {
        const { path, rows, bytes, reason } = segment;
        onSealed({ kind: 'sealed', signal, path, rows, bytes, reason });
        if (reason === 'moved') logMoved(journal, segment);
        // The last step, because it may throw. The segment is sealed in any case.
        this.#checkpoint.sealed(signal, segment.lastPosition);
      },
      onLeft: ({ number }) => this.#checkpoint.left(number),
      onCopied: (deleted, copy) => {
        const { path, rows, bytes } = deleted;
        const message = 'somebody deleted the active segment: it was written again';
        journal.write('warn', message, { path, rows, bytes, copy: copy.path });
      },
      onResized: ({ path, rows, bytes }, fileBytes) => {
        const message =
          'somebody changed the length of the active segment: the next batch goes to a new segment';
        journal.write('error', message, { path, rows, bytes, file_bytes: fileBytes });
      },
    });
  }
}

function limitsOf(config: Config): RotationLimits {
  return {
    segmentBytesMax: config['rotation.max_bytes'],
    segmentAgeMaxMs: config['rotation.max_age'],
  };
}

function isStaged(config: Config): boolean {
  return config['rotation.seal_format'] === 'file';
}

function logMoved(journal: Journal, { path, rows, bytes }: Segment): void {
  const message = 'somebody moved the active segment: it was sealed where it is now';
  journal.write('warn', message, { path, rows, bytes });
}
