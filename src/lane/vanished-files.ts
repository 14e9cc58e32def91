/** Makes again what somebody deletes or moves while the lane writes. */
import type { SegmentWriter } from '../disk/segment/segment-writer.ts';
import type { Clock } from '../shared/clock.ts';
import type { Journal } from '../shared/journal.ts';
import type { Batches } from './batches.ts';
import type { FrameLog } from './frame-log.ts';

/** How long frames may go into a log that is gone; a look costs some twenty calls of the system. */
const lookMs = 1_000;

export interface VanishedFilesOptions {
  readonly clock: Clock;
  readonly segments: readonly SegmentWriter[];
  /** Writes again what is gone of the private folder's small files; returns their names. */
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
   * Looks at most once a second. The small files come first, so that a recorder which is killed
   * here still knows its segments; what is held goes into segments before the log that held it is
   * made again. Throws what the disk throws: the next look goes on.
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

  /** At the end of the lane: what was taken away and could not be written again is lost. */
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
