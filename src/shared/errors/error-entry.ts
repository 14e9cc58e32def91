/** What the table of errors holds for each code. */

export interface ErrorEntry {
  /** What happened, without a full stop. Facts stand in braces: `{directory}`. */
  readonly sentence: string;
  /** What the reader can do, as a sentence; empty if the sentence says so itself. */
  readonly remedy: string;
  /** When the same attempt can succeed, such as "once there is room"; false if it never can. */
  readonly retry: string | false;
  /** What docs/errors.md explains beyond the message, in Markdown. */
  readonly explanation: string;
}

export type ErrorEntries = Readonly<Record<`ERR_ARCHER_${string}`, ErrorEntry>>;
