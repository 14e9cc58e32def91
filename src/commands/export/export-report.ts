/** How `archer export` says what it wrote, and what it could not read. */
import type { ArchiveFault } from '../../query/archive-reader.ts';
import { type Problem, problem } from '../../shared/errors.ts';
import { itemNames, type Signal } from '../../shared/signal.ts';
import { formatBytes } from '../terminal/format.ts';

export interface ExportedFile {
  readonly signal: Signal;
  /** Undefined for standard output. */
  readonly path: string | undefined;
  readonly rows: number;
  /** 0 where columns were written. */
  readonly requests: number;
  readonly bytes: number;
}

/** So many are told one by one. */
const faultCountMax = 100;

/** An archive may be damaged throughout: the first faults are kept, and all are counted. */
export class FaultList {
  readonly #first: ArchiveFault[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(fault: ArchiveFault): void {
    this.#count += 1;
    if (this.#first.length < faultCountMax) this.#first.push(fault);
  }

  /** The first faults as programs get them. */
  toJson(): readonly object[] {
    return this.#first.map(({ code, path: file, offset, what }) => ({ code, file, offset, what }));
  }

  /** The first faults, and how many more there are. */
  problems(): Problem[] {
    const listed = this.#first.map(({ code, path, offset, what }) => {
      return problem(code, { path, offset, what });
    });
    const count = this.#count - listed.length;
    return count > 0 ? [...listed, problem('ERR_ARCHER_MORE_FAULTS', { count })] : listed;
  }
}

/** `120000 spans of 600 requests, 6.0 MiB: out/traces.binpb` */
export function fileLine({ signal, path, rows, requests, bytes }: ExportedFile): string {
  const from = requests === 0 ? '' : ` of ${requests} requests`;
  return `${rows} ${itemNames[signal]}${from}, ${formatBytes(bytes)}: ${path ?? 'standard output'}`;
}

export function exportJson(
  format: string,
  files: readonly ExportedFile[],
  faults: FaultList,
): string {
  return JSON.stringify({
    format,
    files: files.map(({ signal, path, rows, requests, bytes }) => {
      return { signal, file: path ?? '-', rows, requests: requests === 0 ? null : requests, bytes };
    }),
    faults: faults.toJson(),
    fault_count: faults.count,
  });
}
