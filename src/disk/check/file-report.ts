/** The result of checking a segment or a log file. */
import type { FaultCode } from '../../shared/errors.ts';

export interface FileFault {
  readonly code: FaultCode;
  /** Offset in the file, in bytes. */
  readonly offset: number;
  readonly what: string;
}

export interface FileReport {
  /**
   * A segment is sealed, active (whole but not yet ended, which is no fault) or torn, as `archer
   * ls` calls it. A log file is in use, unused or torn.
   */
  readonly state: 'sealed' | 'active' | 'in use' | 'unused' | 'torn';
  readonly bytes: number;
  /** Numbers of whole parts by kind: rows, batches, frames. */
  readonly counts: Readonly<Record<string, number>>;
  readonly faults: readonly FileFault[];
}
