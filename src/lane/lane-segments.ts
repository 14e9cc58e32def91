/** The segment writers of a lane, one for each signal, and the checkpoint that follows them. */

import type { SegmentRecovery } from '../disk/recovery/recovery.ts';
import { CheckpointKeeper } from '../disk/segment/checkpoint-keeper.ts';
import { type SealedSegment, SegmentWriter } from '../disk/segment/segment-writer.ts';
import type { Storage } from '../disk/storage.ts';
import type { Signal } from '../shared/signal.ts';
import type { LaneStart, SegmentSealed } from '../worker-messages.ts';
import type { PositionCounter } from './lane.ts';

export class LaneSegments {
  readonly writers: ReadonlyMap<Signal, SegmentWriter>;
  readonly #keeper: CheckpointKeeper;
  readonly #positions: PositionCounter;

  constructor(
    start: LaneStart,
    storage: Storage,
    recovery: SegmentRecovery,
    positions: PositionCounter,
    onSealed: (segment: SegmentSealed) => void,
  ) {
    const { config, lane, recorderId } = start;
    const where = { storage, outputDir: config.output_dir, recorderId, lane };
    const nextPosition = () => BigInt(positions.next);
    const keeper = new CheckpointKeeper({ ...where, start: recovery, nextPosition });
    const open = (signal: Signal, schemaMessage: Uint8Array) =>
      new SegmentWriter({
        ...{ ...where, signal, schemaMessage },
        isSynced: config.durability === 'synced',
        limits: {
          segmentBytesMax: config['rotation.max_bytes'],
          segmentAgeMaxMs: config['rotation.max_age'],
        },
        nextNumber: () => keeper.takeNumber(signal),
        onSealed: (segment: SealedSegment) => {
          keeper.sealed(signal, segment.lastPosition);
          const { path, rows, bytes, reason } = segment;
          onSealed({ kind: 'sealed', signal, path, rows, bytes, reason });
        },
      });
    const schemas = Object.entries(start.schemaMessages) as [Signal, Uint8Array][];
    this.writers = new Map(schemas.map(([signal, schema]) => [signal, open(signal, schema)]));
    this.#keeper = keeper;
    this.#positions = positions;
  }

  /** Seals what is active; returns the paths below the output directory. */
  seal(): string[] {
    return [...this.writers.values()].flatMap((writer) => {
      const segment = writer.seal();
      return segment === undefined ? [] : [segment.path];
    });
  }

  /**
   * To be called once all that was recovered is sealed: the next start need not look at it again.
   */
  settle(): void {
    this.#keeper.settle(BigInt(this.#positions.next - 1));
  }
}
