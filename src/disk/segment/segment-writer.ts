/**
 * Writes the segments of one signal in one lane, one stream file after the other.
 *
 *     no segment ──append──> schema + batch ──append──> + batch ──seal──> + end mark ──> no segment
 *
 * 1. A file is created by the write of its first batch. Each further batch is one write.
 * 2. Between two calls the active file ends after a whole message.
 * 3. A file is never written again after its end mark.
 * 4. No file is overwritten: each is created new, with a number that was never used before.
 * 5. Before each write the active file is looked up. If somebody deleted it, its bytes are copied
 *    from the descriptor into a new segment with the same batches, which is durable before the
 *    descriptor is closed. If somebody moved it, it is sealed where it is. If somebody changed its
 *    length, it is left as it is, because an append would write behind a hole or over other bytes.
 */
import { dirname, join } from 'node:path';
import { type Clock, systemClock } from '../../shared/clock.ts';
import type { EncodedBatch } from '../../shared/encoded-batch.ts';
import { invariant } from '../../shared/invariant.ts';
import type { Signal } from '../../shared/signal.ts';
import { copyDurably, syncRemoval, type Whereabouts, whereabouts } from '../file-whereabouts.ts';
import { syncFoldersAbove } from '../folders-above.ts';
import { endOfStream, messageAlignmentBytes } from '../ipc/ipc-format.ts';
import { recordBatchMessage } from '../ipc/ipc-writer.ts';
import { messageMetadata } from '../ipc/message-metadata.ts';
import { segmentPath, unixMsOf } from '../layout.ts';
import type { OpenFile, Storage } from '../storage.ts';
import { succeeds } from '../tolerated-faults.ts';
import { writeAll } from '../write-all.ts';
import { planRotation, type RotationLimits, type RotationNow } from './rotation.ts';
import type { SealedSegment, SealReason, Segment } from './segment.ts';

export interface SegmentWriterOptions {
  readonly storage: Storage;
  readonly outputDir: string;
  readonly signal: Signal;
  readonly lane: number;
  readonly recorderId: string;
  /** The schema as a whole stream message, including marker and padding. */
  readonly schemaMessage: Uint8Array;
  /** True if each batch must be durable when `append` returns, and not only when it is sealed. */
  readonly isSynced?: boolean;
  readonly limits: RotationLimits;
  /** The system's clock if absent. */
  readonly clock?: Pick<Clock, 'monotonicMs'>;
  /** True if sealed segments will become Arrow IPC files (see layout.ts). */
  readonly isStaged?: boolean;
  /** Returns a number never used before. If it throws, no segment is created. */
  readonly nextNumber: () => number;
  /** Called for each segment that is sealed and durable. */
  readonly onSealed?: (segment: SealedSegment) => void;
  /**
   * Called for a segment that a fault left behind. It may have rows but no end mark, or it may not
   * be durable.
   */
  readonly onLeft?: (segment: Segment) => void;
  /** Called when a deleted segment was written again as another one. */
  readonly onCopied?: (deleted: Segment, copy: Segment) => void;
  /** Called after `onLeft` for a segment whose file has another length than was written. */
  readonly onResized?: (segment: Segment, fileBytes: number) => void;
}

/** The log positions that a batch completes. Within a signal they rise from batch to batch. */
export interface BatchPositions {
  readonly from: bigint;
  readonly to: bigint;
}

export class SegmentWriter {
  readonly #options: SegmentWriterOptions;
  #file: OpenFile = -1;
  #active: Segment | undefined;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  /** When the active file was made, by the monotonic clock. */
  #openedMs = 0;
  #limits: RotationLimits;
  #isStaged: boolean;

  constructor(options: SegmentWriterOptions) {
    const bytes = options.schemaMessage.byteLength;
    invariant(bytes > 0 && bytes % messageAlignmentBytes === 0, 'a schema message is aligned');
    this.#options = options;
    this.#limits = options.limits;
    this.#clock = options.clock ?? systemClock;
    this.#isStaged = options.isStaged ?? false;
  }

  /** The segment being written; undefined before its first batch. */
  get active(): Segment | undefined {
    return this.#active;
  }

  /**
   * Appends a batch whose rows were all received on one UTC date. If the active segment is due, or
   * would exceed its size limit by the batch, it is sealed first. If this throws, the batch is in
   * no segment and may be appended again. A segment that reaches its size limit by this batch waits
   * for `sealIfDue`, so that an error of sealing is not mistaken for an error of the batch.
   */
  append(batch: EncodedBatch, positions: BatchPositions): void {
    invariant(batch.rows > 0, 'a batch has rows');
    invariant(positions.from <= positions.to, 'the positions of a batch rise');
    this.look();
    const lastPosition = this.#active?.lastPosition ?? 0n;
    invariant(positions.from > lastPosition, 'positions rise from batch to batch, from 1 on');
    const { firstReceivedTime, lastReceivedTime } = batch.stats;
    const { lane, recorderId, schemaMessage } = this.#options;
    const metadata = messageMetadata(batch, { recorder: recorderId, lane, ...positions });
    const message = recordBatchMessage(batch, metadata);
    this.#sealIf({
      unixMs: unixMsOf(lastReceivedTime),
      nextReceivedTime: firstReceivedTime,
      nextBytes: message.byteLength + batch.body.byteLength + endOfStream.byteLength,
    });
    const active = this.#active;
    const segment = active ?? this.#create(firstReceivedTime);
    const views = active ? [message, batch.body] : [schemaMessage, message, batch.body];
    const bytes = this.#write(segment, views);
    if (this.#options.isSynced === true) this.#syncAppend(segment);
    const rows = segment.rows + batch.rows;
    this.#active = { ...segment, rows, bytes, lastPosition: positions.to };
  }

  /**
   * Looks up the active file and repairs what somebody did to it. Call it regularly, so that a
   * killed process loses little. If it throws, nothing has changed, and the next call tries again.
   */
  look(): void {
    const active = this.#active;
    if (active === undefined) return;
    const fileBytes = this.#options.storage.statOpen(this.#file).bytes;
    if (fileBytes !== active.bytes) {
      this.#leave(active);
      this.#options.onResized?.(active, fileBytes);
      return;
    }
    const where = this.#whereabouts(active);
    if (where === 'deleted') this.#copy(active);
    else if (where === 'moved') this.#sealMoved(active);
  }

  /** Seals the active segment if its size or age is due. Call it after appends and regularly. */
  sealIfDue(unixMs: number): SealedSegment | undefined {
    return this.#sealIf({ unixMs });
  }

  /**
   * Ends the active segment, if there is one, and makes it durable. If the end mark cannot be
   * written, this throws, and the segment stays active. If a later step fails, this throws too: the
   * segment is sealed for readers but perhaps not durable, so `onLeft` is called, not `onSealed`.
   */
  seal(reason: SealReason = 'asked'): SealedSegment | undefined {
    this.look();
    const active = this.#active;
    if (active === undefined) return undefined;
    const bytes = this.#write(active, [endOfStream]);
    this.#active = undefined;
    this.#makeDurable(active);
    const sealed = { ...active, bytes, reason };
    this.#options.onSealed?.(sealed);
    return sealed;
  }

  /** Applies new limits. The active segment keeps its name. */
  reconfigure(limits: RotationLimits, isStaged: boolean): void {
    this.#limits = limits;
    this.#isStaged = isStaged;
  }

  /** True if the active file was deleted, so that only the descriptor still has its bytes. */
  get isDeleted(): boolean {
    return this.#active !== undefined && this.#whereabouts(this.#active) === 'deleted';
  }

  /** Leaves the active file as it is. The next batch goes to another file. */
  abandon(): void {
    if (this.#active !== undefined) this.#leave(this.#active);
  }

  #whereabouts({ path }: Segment): Whereabouts {
    const { storage, outputDir } = this.#options;
    return whereabouts(storage, this.#file, join(outputDir, path));
  }

  #sealIf(now: RotationNow): SealedSegment | undefined {
    if (this.#active === undefined) return undefined;
    const openMs = this.#clock.monotonicMs() - this.#openedMs;
    const plan = planRotation({ ...this.#active, openMs }, now, this.#limits);
    return plan.action === 'seal' ? this.seal(plan.reason) : undefined;
  }

  /** Creates an empty file. The caller writes its first bytes before anything else. */
  #create(firstReceivedTime: bigint): Segment {
    const { storage, outputDir, signal, nextNumber } = this.#options;
    const number = nextNumber();
    const firstReceivedMs = unixMsOf(firstReceivedTime);
    const staged = this.#isStaged ? { isStaged: true as const } : {};
    const path = segmentPath({ signal, firstReceivedMs, number, ...staged });
    storage.makeFolder(dirname(join(outputDir, path)));
    this.#file = storage.open(join(outputDir, path), 'create');
    this.#openedMs = this.#clock.monotonicMs();
    return { path, number, rows: 0, bytes: 0, firstReceivedTime, lastPosition: 0n };
  }

  #copy(deleted: Segment): void {
    const { storage, outputDir, onLeft, onCopied } = this.#options;
    const from = this.#file;
    syncRemoval(storage, outputDir, deleted.path);
    const openedMs = this.#openedMs;
    const { path, number } = this.#create(deleted.firstReceivedTime);
    this.#openedMs = openedMs;
    const to = this.#file;
    this.#file = from;
    const copy = { ...deleted, path, number };
    try {
      copyDurably(storage, outputDir, { file: from, bytes: deleted.bytes }, { file: to, path });
    } catch (error) {
      onLeft?.(copy);
      throw error;
    }
    this.#file = to;
    succeeds(() => storage.close(from));
    this.#active = copy;
    onCopied?.(deleted, copy);
  }

  /** Does not sync the names of the file, because somebody else decides about them now. */
  #sealMoved(active: Segment): void {
    const bytes = this.#write(active, [endOfStream]);
    this.#active = undefined;
    this.#syncAndClose();
    this.#options.onSealed?.({ ...active, bytes, reason: 'moved' });
  }

  /** Writes after the segment's last whole message. Returns the new length of the file. */
  #write(segment: Segment, views: readonly Uint8Array[]): number {
    try {
      return writeAll(this.#options.storage, this.#file, views, segment.bytes);
    } catch (error) {
      this.#cutBack(segment);
      throw error;
    }
  }

  /**
   * After a failed sync, no later sync proves anything about this file. So the batch is removed
   * again, the file is left without an end mark, and the next batch goes to a new file.
   */
  #syncAppend(segment: Segment): void {
    const { storage, outputDir } = this.#options;
    try {
      storage.syncData(this.#file);
      if (segment.bytes === 0) syncFoldersAbove(storage, outputDir, segment.path);
    } catch (error) {
      this.#cutBack(segment);
      if (this.#active !== undefined) this.#leave(segment);
      throw error;
    }
  }

  /**
   * Removes what a failed write left: the whole file with its name if it is new, otherwise the
   * bytes after its last whole message. A file that cannot be cut is left torn and never appended
   * to.
   */
  #cutBack(segment: Segment): void {
    const { storage, outputDir } = this.#options;
    const isNew = segment.bytes === 0;
    if (!isNew && succeeds(() => storage.truncate(this.#file, segment.bytes))) return;
    this.#active = undefined;
    succeeds(() => storage.close(this.#file));
    const isGone = isNew && succeeds(() => storage.remove(join(outputDir, segment.path)));
    if (!isGone) this.#options.onLeft?.(segment);
  }

  /** The next batch goes to another file. */
  #leave(segment: Segment): void {
    this.#active = undefined;
    succeeds(() => this.#options.storage.close(this.#file));
    this.#options.onLeft?.(segment);
  }

  /** Syncs the file's bytes, its name, and the names of the folders up to the output directory. */
  #makeDurable(segment: Segment): void {
    const { storage, outputDir, onLeft } = this.#options;
    try {
      this.#syncAndClose();
      syncFoldersAbove(storage, outputDir, segment.path);
    } catch (error) {
      onLeft?.(segment);
      throw error;
    }
  }

  #syncAndClose(): void {
    const { storage } = this.#options;
    try {
      storage.syncData(this.#file);
    } finally {
      storage.close(this.#file);
    }
  }
}
