/** How `archer verify` says what it found. */
import type { FileReport } from '../../disk/check/file-report.ts';
import { formatBytes } from '../terminal/format.ts';

export interface VerifiedFile extends FileReport {
  readonly path: string;
  /** segment, log file */
  readonly kind: string;
}

/** One line for each fault; for a file without any one line too, if these are asked for. */
export function fileLines(file: VerifiedFile, withSound: boolean): string[] {
  const { path, state, counts, bytes, faults } = file;
  if (faults.length === 0 && withSound) {
    const parts = [state, ...Object.entries(counts).map(countText), formatBytes(bytes)];
    return [`${path}: ${parts.join(', ')}`];
  }
  return faults.map(({ offset, what }) => `${path}: at byte ${offset}: ${what}`);
}

/** `12 segments (1 active), 10500 rows, 34.5 MiB: no fault` */
export function summaryLine(files: readonly VerifiedFile[]): string {
  const active = files.filter(({ state }) => state === 'active').length;
  const rows = files.reduce((sum, { counts }) => sum + (counts.rows ?? 0), 0);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const faulty = files.filter(({ faults }) => faults.length > 0);
  const faultCount = faulty.reduce((sum, { faults }) => sum + faults.length, 0);
  const found =
    faultCount === 0
      ? 'no fault'
      : `${plural(faultCount, 'fault')} in ${plural(faulty.length, 'file')}`;
  const names = [...new Set(files.map(({ kind }) => kind))].map((kind) =>
    plural(files.filter((file) => file.kind === kind).length, kind),
  );
  const what = names.length === 0 ? 'no files' : names.join(', ');
  const which = active === 0 ? what : `${what} (${active} active)`;
  return `${which}, ${plural(rows, 'row')}, ${formatBytes(bytes)}: ${found}`;
}

export function toJson(files: readonly VerifiedFile[]): string {
  const rows = files.map(({ path, kind, state, bytes, counts, faults }) => {
    return { file: path, kind, state, bytes, ...counts, faults };
  });
  return JSON.stringify(rows);
}

function countText([name, count]: [string, number]): string {
  return plural(count, name.replace(/(ch)?e?s$/, '$1'), name);
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
