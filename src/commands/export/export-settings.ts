/** What the options of `archer export` ask for, or what is wrong with them. */
import type { RowFilter } from '../../query/row-filter.ts';
import { type Problem, problem } from '../../shared/errors.ts';
import { type Signal, signals } from '../../shared/signal.ts';
import { parseTime } from '../../shared/time-text.ts';
import type { OutputDirOptions } from '../options/output-directory.ts';
import type { ExportFormatName } from './export-format.ts';

/** The options as commander parses them. Commander has checked `format` and `signal`. */
export interface ExportOptions extends OutputDirOptions {
  readonly format: ExportFormatName;
  readonly output: string;
  readonly signal?: Signal;
  readonly from?: string;
  readonly to?: string;
  readonly service?: readonly string[];
  readonly force?: boolean;
  readonly json?: boolean;
}

export type ExportSelection =
  | { readonly ok: true; readonly signals: readonly Signal[]; readonly filter: RowFilter }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads the options that select rows. */
export function readSelection(
  options: Pick<ExportOptions, 'signal' | 'from' | 'to' | 'service'>,
  nowNs: bigint,
): ExportSelection {
  const problems: Problem[] = [];
  const from = readBound('from', options.from, nowNs, problems);
  const to = readBound('to', options.to, nowNs, problems);
  if (from !== undefined && to !== undefined && from >= to) {
    const facts = { from: String(options.from), to: String(options.to) };
    problems.push(problem('ERR_ARCHER_TIME_RANGE_EMPTY', facts));
  }
  if (problems.length > 0) return { ok: false, problems };
  const services = options.service && new Set(options.service);
  const filter: RowFilter = {
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(services && { texts: new Map([['service_name', services]]) }),
  };
  return { ok: true, signals: options.signal ? [options.signal] : signals, filter };
}

function readBound(
  name: 'from' | 'to',
  text: string | undefined,
  nowNs: bigint,
  problems: Problem[],
): bigint | undefined {
  const time = text === undefined ? undefined : parseTime(text, nowNs);
  if (text !== undefined && time === undefined) {
    problems.push(problem('ERR_ARCHER_TIME_INVALID', { name: `--${name}`, text }));
  }
  return time;
}
