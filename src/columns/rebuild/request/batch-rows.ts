/** The rows of a batch as groups: which belong together, which are wanted, what is extra. */
import type { Columns, NumberValues } from '../column/columns.ts';
import { ExtraColumn, type OtlpExtra } from './extra.ts';

/** The columns whose values are the same for all rows of a group. */
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
  /** 1 for each row that is wanted; undefined where all are. */
  #selection: Uint8Array | undefined;
  /** Where a fault was met, if there was one. */
  lastVisited = 0;

  load(columns: Columns, groups: readonly GroupColumn[], selection: Uint8Array | undefined): void {
    for (const name of groups) this.#groups.set(name, columns.numbers(name, valueBytes[name]));
    this.#extra.load(columns);
    this.#selection = selection;
  }

  /** Goes to a row; gives back what it has beside the other columns. */
  visit(row: number): OtlpExtra {
    this.lastVisited = row;
    return this.#extra.read(row);
  }

  /** Behind the last row, before `end`, of the group that `start` is in. */
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

  /** Whether any row of the group is wanted. */
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
