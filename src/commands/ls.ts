/** `archer ls`: lists the segments of an output directory. */
import { Command } from 'commander';
import { listSegments } from '../disk/catalogue/catalogue.ts';
import { readCatalogue } from '../disk/catalogue/catalogue-file.ts';
import type { SegmentSummary } from '../disk/catalogue/segment-summary.ts';
import { nodeStorage } from '../disk/storage.ts';
import { signals } from '../shared/signal.ts';
import {
  addOutputDirOptions,
  findOutputDir,
  type OutputDirOptions,
} from './options/output-directory.ts';
import { exitCode } from './process/exit-code.ts';
import { formatBytes, formatTable, formatTime } from './terminal/format.ts';
import { printProblems } from './terminal/print-problems.ts';

interface LsOptions extends OutputDirOptions {
  readonly json?: boolean;
}

export function lsCommand(): Command {
  const command = new Command('ls')
    .description('lists the segments: signal, rows, times, bytes, sealed or active')
    .option('--json', 'print a JSON array');
  return addOutputDirOptions(command).action((options: LsOptions) => {
    process.exitCode = ls(options);
  });
}

function ls(options: LsOptions): number {
  const found = findOutputDir(nodeStorage, options);
  if (!found.ok) {
    printProblems(found.problems, options.json);
    return found.code;
  }
  const { outputDir } = found;
  const kept = readCatalogue(nodeStorage, outputDir);
  const segments = listSegments(nodeStorage, outputDir, signals, kept);
  console.log(options.json === true ? toJson(segments) : toText(segments));
  return exitCode.done;
}

/** Times are RFC 3339, null where no row has one. */
function toJson(segments: readonly SegmentSummary[]): string {
  const rows = segments.map((segment) => ({
    signal: segment.signal,
    file: segment.path,
    rows: segment.rows,
    first_time: formatTime(segment.firstTime) || null,
    last_time: formatTime(segment.lastTime) || null,
    bytes: segment.bytes,
    state: segment.state,
    services: segment.services,
  }));
  return JSON.stringify(rows);
}

function toText(segments: readonly SegmentSummary[]): string {
  const headings = ['signal', 'file', 'rows', 'first time', 'last time', 'bytes', 'state'];
  const rows = segments.map((segment) => [
    segment.signal,
    segment.path,
    segment.rows,
    formatTime(segment.firstTime),
    formatTime(segment.lastTime),
    segment.bytes,
    segment.state,
  ]);
  const rowCount = segments.reduce((sum, segment) => sum + segment.rows, 0);
  const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  const count = segments.length === 1 ? '1 segment' : `${segments.length} segments`;
  const total = `${count}, ${rowCount} rows, ${formatBytes(bytes)}`;
  return segments.length === 0 ? total : `${formatTable(headings, rows)}\n${total}`;
}
