/** Counts the segments that this run of the recorder has sealed. */

import type { RowCounts, SegmentSealed } from '../lane/lane-messages.ts';
import type { Journal } from '../shared/journal.ts';

/** The sealed segments of one run. */
export interface RecorderSummary {
  readonly rows: RowCounts;
  readonly segments: number;
  readonly bytes: number;
}

/** Counts sealed segments, and logs a line for each. */
export class RunTotals {
  readonly #journal: Journal;
  readonly #rows: RowCounts = {};
  #segments = 0;
  #bytes = 0;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  add({ signal, path, rows, bytes, reason }: SegmentSealed): void {
    this.#rows[signal] = (this.#rows[signal] ?? 0) + rows;
    this.#segments++;
    this.#bytes += bytes;
    this.#journal.write('info', 'sealed a segment', { path, rows, bytes, reason });
  }

  summary(): RecorderSummary {
    return { rows: { ...this.#rows }, segments: this.#segments, bytes: this.#bytes };
  }
}
