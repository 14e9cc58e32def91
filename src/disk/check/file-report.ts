/** What a look at a file gives, whatever kind of file it is. */

export interface FileFault {
  /** In the file. */
  readonly offset: number;
  readonly what: string;
}

export interface FileReport {
  /** In the words of `archer ls`. active: whole and not yet ended, which is no fault. */
  readonly state: 'sealed' | 'active' | 'torn';
  readonly bytes: number;
  /** What was found whole, by what it is: rows, batches. */
  readonly counts: Readonly<Record<string, number>>;
  readonly faults: readonly FileFault[];
}
