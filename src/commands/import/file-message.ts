/** The parts that the files of an import are cut into. */

export interface Place {
  /** Byte offset in the file; in a file that is compressed as a whole, offset in its content. */
  readonly offset: number;
  /** Number of the line, from 1 on; undefined in a file without lines. */
  readonly line: number | undefined;
}

export interface FileMessage extends Place {
  readonly kind: 'message';
  readonly bytes: Buffer;
  /** True for a last line without its end: a fault in it may come from that. */
  readonly isOpenEnded: boolean;
}

export interface SkippedPart extends Place {
  readonly kind: 'skipped';
  readonly reason: string;
}
