/** What the options of `archer replay` ask for, or what is wrong with them. */

import type { RowFilter } from '../../query/row-filter.ts';
import { type Problem, problem } from '../../shared/errors.ts';
import type { Protocol } from '../../shared/otlp-protocol.ts';
import type { Signal } from '../../shared/signal.ts';
import { parseTime } from '../../shared/time-text.ts';
import { readSelection } from '../export/export-settings.ts';
import type { SendingOptions } from '../options/destination-options.ts';
import { defaultEndpoints, parseEndpoint } from '../options/endpoint.ts';
import type { OutputDirOptions } from '../options/output-directory.ts';

/** The options as commander parses them. Commander has checked options that have choices. */
export interface ReplayOptions extends SendingOptions, OutputDirOptions {
  /** A URL; a time, too, where the replay is to end. */
  readonly to: readonly string[];
  /** How many times as fast as recorded; undefined for as fast as accepted. */
  readonly speed?: number;
  readonly from?: string;
  readonly service?: readonly string[];
  readonly signal?: Signal;
  readonly json?: true;
}

export type ReplaySettings =
  | {
      readonly ok: true;
      readonly endpoint: URL;
      readonly signals: readonly Signal[];
      readonly filter: RowFilter;
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export function readReplaySettings(options: ReplayOptions, nowNs: bigint): ReplaySettings {
  const { protocol, from, signal, service } = options;
  const isTime = (text: string) => parseTime(text, nowNs) !== undefined;
  const [address, ...moreAddresses] = options.to.filter((text) => !isTime(text));
  const [to, ...moreTimes] = options.to.filter(isTime);
  const problems: Problem[] = [];
  if (moreAddresses.length + moreTimes.length > 0) {
    const line = '--to is given too often: once as a URL, and once as a time where it is to end';
    problems.push(usageProblem(line));
  }
  const endpoint = toEndpoint(address, protocol);
  if (typeof endpoint === 'string') problems.push(usageProblem(endpoint));
  const selection = readSelection(
    {
      ...(signal && { signal }),
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      ...(service && { service }),
    },
    nowNs,
  );
  if (!selection.ok) problems.push(...selection.problems);
  if (!selection.ok || typeof endpoint === 'string' || problems.length > 0) {
    return { ok: false, problems };
  }
  return { ok: true, endpoint, signals: selection.signals, filter: selection.filter };
}

/** Gives back what is wrong with it, if so. */
function toEndpoint(text: string | undefined, protocol: Protocol): URL | string {
  const example = defaultEndpoints[protocol];
  if (text === undefined) return `--to names no destination: give a URL such as ${example}`;
  const what = `--to '${text}' is neither an address nor a time`;
  return parseEndpoint(text, protocol) ?? `${what}: give a URL such as ${example}`;
}

function usageProblem(line: string): Problem {
  return problem('ERR_ARCHER_USAGE_INVALID', { problem: line });
}
