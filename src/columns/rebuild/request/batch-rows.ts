/** The rows of a batch: which rows form a group, which are selected, and their `otlp_extra`. */
import type { Columns, NumberValues } from '../column/columns.ts';
import { ExtraColumn, type OtlpExtra } from './extra.ts';

/** A column whose value is the same in all rows of a group. */
export type GroupColumn = 'batch_id' | 'resource_index' | 'scope_index' | 'metric_index';

const valueBytes: Readonly<Record<GroupColumn, number>> = {
  batch_id: 8,
  resource_index: 4,
  scope_index: 4,
  metric_index: 4,
};

const wordBytes = 4;

export class BatchRows {
  readonly #groups = new Map<GroupColumn, NumberValues>();
  readonly #extra = new ExtraColumn();
  /** A byte for each row, 1 if it is selected; undefined if all rows are. */
  #selection: Uint8Array | undefined;
  /** The row that was visited last; if a fault occurs, the row of the fault. */
  lastVisited = 0;

  load(columns: Columns, groups: readonly GroupColumn[], selection: Uint8Array | undefined): void {
    for (const name of groups) this.#groups.set(name, columns.numbers(name, valueBytes[name]));
    this.#extra.load(columns);
    this.#selection = selection;
  }

  /** Goes to a row and returns its `otlp_extra`. */
  visit(row: number): OtlpExtra {
    this.lastVisited = row;
    return this.#extra.read(row);
  }

  /**
   * Returns the end of the group that begins at `start`: the row behind its last row, at most
   * `end`.
   */
  groupEnd(name: GroupColumn, start: number, end: number): number {
    const { words } = this.#groups.get(name)!;
    const width = valueBytes[name] / wordBytes;
    let row = start + 1;
    while (row < end && isSame(words, width, start, row)) row++;
    return row;
  }

  isSelected(row: number): boolean {
    return this.#selection === undefined || this.#selection[row] === 1;
  }

  /** True if any row from `start` to `end` is selected. */
  hasSelected(start: number, end: number): boolean {
    if (this.#selection === undefined) return true;
    const first = this.#selection.indexOf(1, start);
    return first >= 0 && first < end;
  }

  countSelected(start: number, end: number): number {
    if (this.#selection === undefined) return end - start;
    let count = 0;
    for (let row = start; row < end; row++) count += this.#selection[row]!;
    return count;
  }
}

function isSame(words: Uint32Array, width: number, row: number, other: number): boolean {
  if (words[row * width] !== words[other * width]) return false;
  return width === 1 || words[row * width + 1] === words[other * width + 1];
}
