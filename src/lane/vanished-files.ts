/** Writes files again that somebody deletes or moves while the lane records. */
import type { SegmentWriter } from '../disk/segment/segment-writer.ts';
import type { Clock } from '../shared/clock.ts';
import type { Journal } from '../shared/journal.ts';
import type { Batches } from './batches.ts';
import type { FrameLog } from './frame-log.ts';

/**
 * The longest time for which frames may go into a log file that is gone. A look makes about twenty
 * system calls.
 */
const lookMs = 1_000;

export interface VanishedFilesOptions {
  readonly clock: Clock;
  readonly segments: readonly SegmentWriter[];
  /** Writes the small files of `.archer` again that are gone. Returns their names. */
  readonly restoreFiles: () => readonly string[];
  readonly batches: Batches;
  /** Undefined with durability `received`. */
  readonly log: FrameLog | undefined;
  readonly journal: Journal;
}

export class VanishedFiles {
  readonly #options: VanishedFilesOptions;
  #nextLookMs = 0;

  constructor(options: VanishedFilesOptions) {
    this.#options = options;
  }

  /**
   * Looks at the files, at most once a second. The small files come first, so that a recorder which
   * is killed at this moment still knows its segments. Rows that are held go into segments before
   * the log that has their frames is made again. Throws the errors of the disk; the next look
   * continues.
   */
  look(): void {
    const { clock, restoreFiles, segments, journal } = this.#options;
    if (clock.monotonicMs() < this.#nextLookMs) return;
    this.#nextLookMs = clock.monotonicMs() + lookMs;
    const files = restoreFiles();
    if (files.length > 0) {
      const message = 'somebody deleted or moved files of the recorder: they were written again';
      journal.write('warn', message, { files: files.join(', ') });
    }
    for (const segment of segments) segment.look();
    this.#restoreLog();
  }

  /** Call this at the end of the lane. Logs the rows that are lost because files were deleted. */
  reportLost(): void {
    const { segments, batches, log, journal } = this.#options;
    for (const segment of segments) {
      if (!segment.isDeleted) continue;
      const { path = '', rows = 0 } = segment.active ?? {};
      const message = 'a segment that somebody deleted could not be written again: it is lost';
      journal.write('error', message, { path, rows });
    }
    const isLogLost = log !== undefined && log.missing().length > 0;
    if (!isLogLost || batches.rows === 0) return;
    const message =
      'the log is gone, and what it held could not be written to segments: it is lost';
    journal.write('error', message, { rows: batches.rows });
  }

  #restoreLog(): void {
    const { batches, log, journal } = this.#options;
    const files = log?.missing().length ?? 0;
    if (log === undefined || files === 0) return;
    const rows = batches.rows;
    batches.writeAll();
    log.openAnew();
    const message =
      'somebody deleted or moved files of the log: what it held was written to segments';
    journal.write('warn', message, { files, rows });
  }
}
