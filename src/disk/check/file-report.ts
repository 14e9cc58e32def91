/** What a look at a file gives, whatever kind of file it is. */

export interface FileFault {
  /** In the file. */
  readonly offset: number;
  readonly what: string;
}

export interface FileReport {
  /**
   * Of a segment, in the words of `archer ls`: active is whole and not yet ended, which is no
   * fault. A file of the log is in use or unused. Either may be torn.
   */
  readonly state: 'sealed' | 'active' | 'in use' | 'unused' | 'torn';
  readonly bytes: number;
  /** What was found whole, by what it is: rows, batches, frames. */
  readonly counts: Readonly<Record<string, number>>;
  readonly faults: readonly FileFault[];
}
