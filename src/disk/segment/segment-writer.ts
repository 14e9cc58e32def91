/**
 * Writes the segments of one signal in one lane: one stream file after the other.
 *
 *     no segment ──append──> schema + batch ──append──> + batch ──seal──> + end mark ──> no segment
 *
 * 1. A file is made with its first batch, by one write; each further batch is one write.
 * 2. Between two calls the active file ends behind a whole message.
 * 3. A file is never written again once its end mark was.
 * 4. No file is overwritten: each is created new, under a number that was never used.
 * 5. Before each write the active file is looked for. One that somebody has deleted is written
 *    again from its descriptor, as a new segment with the same batches, durable before the
 *    descriptor is given up; one that somebody has moved is sealed where it is.
 */
import { dirname, join } from 'node:path';
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
  /** The schema as a whole message of the stream, marker and padding included. */
  readonly schemaMessage: Uint8Array;
  /** Whether each batch is durable when its append returns, and not only once it is sealed. */
  readonly isSynced?: boolean;
  readonly limits: RotationLimits;
  /** Whether segments are to become Arrow IPC files once they are sealed (see file-names.ts). */
  readonly isStaged?: boolean;
  /** The number of the next segment; never gives one twice. May throw: then no segment is made. */
  readonly nextNumber: () => number;
  /** Told of each new file once its first bytes are in it. */
  readonly onOpened?: (segment: Segment) => void;
  /** Told of each segment once it is sealed and durable, whoever asked for it. */
  readonly onSealed?: (segment: SealedSegment) => void;
  /**
   * Told of a segment that a fault left behind: it may have rows and no end mark, or not be
   * durable.
   */
  readonly onLeft?: (segment: Segment) => void;
  /** Told when a segment that somebody deleted is there again, as another. */
  readonly onCopied?: (deleted: Segment, copy: Segment) => void;
}

/** The log positions that a batch completes; those of a signal rise from batch to batch. */
export interface BatchPositions {
  readonly from: bigint;
  readonly to: bigint;
}

export class SegmentWriter {
  readonly #options: SegmentWriterOptions;
  #file: OpenFile = -1;
  #active: Segment | undefined;
  #limits: RotationLimits;
  #isStaged: boolean;

  constructor(options: SegmentWriterOptions) {
    const bytes = options.schemaMessage.byteLength;
    invariant(bytes > 0 && bytes % messageAlignmentBytes === 0, 'a schema message is aligned');
    this.#options = options;
    this.#limits = options.limits;
    this.#isStaged = options.isStaged ?? false;
  }

  /** The segment that is open; undefined before its first batch. */
  get active(): Segment | undefined {
    return this.#active;
  }

  /**
   * Appends the batch, whose rows were all received on one UTC date; before it, seals a segment
   * that is due. When it throws, the batch is in no segment and may be appended again. A segment
   * that has now reached its size waits for sealIfDue, so that a fault there is not taken for one
   * of the batch.
   */
  append(batch: EncodedBatch, positions: BatchPositions): void {
    invariant(batch.rows > 0, 'a batch has rows');
    invariant(positions.from <= positions.to, 'the positions of a batch rise');
    this.look();
    const lastPosition = this.#active?.lastPosition ?? 0n;
    invariant(positions.from > lastPosition, 'positions rise from batch to batch, from 1 on');
    const { firstReceivedTime, lastReceivedTime } = batch.stats;
    this.#sealIf({ unixMs: unixMsOf(lastReceivedTime), nextReceivedTime: firstReceivedTime });
    const { lane, recorderId, schemaMessage } = this.#options;
    const metadata = messageMetadata(batch, { recorder: recorderId, lane, ...positions });
    const message = recordBatchMessage(batch, metadata);
    const active = this.#active;
    const segment = active ?? this.#create(firstReceivedTime);
    const views = active ? [message, batch.body] : [schemaMessage, message, batch.body];
    const bytes = this.#write(segment, views);
    if (this.#options.isSynced === true) this.#syncAppend(segment);
    const rows = segment.rows + batch.rows;
    this.#active = { ...segment, rows, bytes, lastPosition: positions.to };
    if (active === undefined) this.#options.onOpened?.(this.#active);
  }

  /**
   * Makes good what somebody did to the active file; to be asked at times, so that little is lost
   * with a process that is killed. When it throws, all is as before, and is tried again by the next
   * call of whatever kind.
   */
  look(): void {
    const active = this.#active;
    if (active === undefined) return;
    const where = this.#whereabouts(active);
    if (where === 'deleted') this.#copy(active);
    else if (where === 'moved') this.#sealMoved(active);
  }

  /** Seals the active segment if its size or age is due; to be asked after appends and at times. */
  sealIfDue(unixMs: number): SealedSegment | undefined {
    return this.#sealIf({ unixMs });
  }

  /**
   * Ends the active segment, if there is one, and returns when it is durable. When the end mark
   * could not be written, the segment is still active and may be sealed later; when only what comes
   * behind failed, it is sealed for its readers, but not known to be durable: it is told to onLeft,
   * and not to onSealed.
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

  /** From now on; what is active keeps its name. */
  reconfigure(limits: RotationLimits, isStaged: boolean): void {
    this.#limits = limits;
    this.#isStaged = isStaged;
  }

  /** Whether only the open descriptor still has the active segment's bytes. */
  get isDeleted(): boolean {
    return this.#active !== undefined && this.#whereabouts(this.#active) === 'deleted';
  }

  /** Gives the active file up as it is; what comes next is another one. */
  abandon(): void {
    if (this.#active !== undefined) this.#leave(this.#active);
  }

  #whereabouts({ path }: Segment): Whereabouts {
    const { storage, outputDir } = this.#options;
    return whereabouts(storage, this.#file, join(outputDir, path));
  }

  #sealIf(now: RotationNow): SealedSegment | undefined {
    if (this.#active === undefined) return undefined;
    const plan = planRotation(this.#active, now, this.#limits);
    return plan.action === 'seal' ? this.seal(plan.reason) : undefined;
  }

  /** A file without a byte, which gets its first ones before anything else is done. */
  #create(firstReceivedTime: bigint): Segment {
    const { storage, outputDir, signal, nextNumber } = this.#options;
    const number = nextNumber();
    const firstReceivedMs = unixMsOf(firstReceivedTime);
    const staged = this.#isStaged ? { isStaged: true as const } : {};
    const path = segmentPath({ signal, firstReceivedMs, number, ...staged });
    storage.makeFolder(dirname(join(outputDir, path)));
    this.#file = storage.open(join(outputDir, path), 'create');
    return { path, number, rows: 0, bytes: 0, firstReceivedTime, lastPosition: 0n };
  }

  #copy(deleted: Segment): void {
    const { storage, outputDir, onOpened, onLeft, onCopied } = this.#options;
    const from = this.#file;
    syncRemoval(storage, outputDir, deleted.path);
    const { path, number } = this.#create(deleted.firstReceivedTime);
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
    onOpened?.(copy);
    onCopied?.(deleted, copy);
  }

  /** Its names are left alone: they are somebody else's now. */
  #sealMoved(active: Segment): void {
    const bytes = this.#write(active, [endOfStream]);
    this.#active = undefined;
    this.#syncAndClose();
    this.#options.onSealed?.({ ...active, bytes, reason: 'moved' });
  }

  /** Writes behind the segment's last whole message; returns the file's new length. */
  #write(segment: Segment, views: readonly Uint8Array[]): number {
    try {
      return writeAll(this.#options.storage, this.#file, views, segment.bytes);
    } catch (error) {
      this.#cutBack(segment);
      throw error;
    }
  }

  /**
   * When the sync fails, no later one tells anything of this file: the batch is taken away again
   * and the file left as it was before, without an end mark; the next batch gets a new one.
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
   * Takes away what a failed write left: from a new file everything, its name included; from
   * another what lies behind its last whole message. A file that cannot be cut is left torn and
   * never appended to.
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

  /** The next batch gets another file. */
  #leave(segment: Segment): void {
    this.#active = undefined;
    succeeds(() => this.#options.storage.close(this.#file));
    this.#options.onLeft?.(segment);
  }

  /**
   * The file's bytes, its name in its folder, and the folders' names up to the output directory.
   */
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
