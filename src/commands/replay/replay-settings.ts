/** What the options of `archer replay` ask for, or what is wrong with them. */
import type { RowFilter } from '../../archive/row-filter.ts';
import type { Compression, Protocol } from '../../egress/otlp-client.ts';
import type { Signal } from '../../shared/signal.ts';
import { parseTime } from '../../shared/time-text.ts';
import type { DestinationOptions } from '../destination-options.ts';
import { readSelection } from '../export/export-settings.ts';

/** As commander gives them; it has looked at those with choices. */
export interface ReplayOptions extends DestinationOptions {
  /** A URL; a time, too, where the replay is to end. */
  readonly to: readonly string[];
  readonly protocol: Protocol;
  readonly compression: Compression;
  /** How many times as fast as recorded; undefined for as fast as accepted. */
  readonly speed?: number;
  readonly from?: string;
  readonly service?: readonly string[];
  readonly signal?: Signal;
  readonly concurrency: number;
  readonly outputDir?: string;
  readonly json?: true;
}

export type ReplaySettings =
  | {
      readonly ok: true;
      readonly endpoint: URL;
      readonly signals: readonly Signal[];
      readonly filter: RowFilter;
    }
  | { readonly ok: false; readonly problems: readonly string[] };

export function readReplaySettings(options: ReplayOptions, nowNs: bigint): ReplaySettings {
  const { protocol, caFile, certFile, from, signal, service } = options;
  const isTime = (text: string) => parseTime(text, nowNs) !== undefined;
  const [address, ...moreAddresses] = options.to.filter((text) => !isTime(text));
  const [to, ...moreTimes] = options.to.filter(isTime);
  const problems: string[] = [];
  if (moreAddresses.length + moreTimes.length > 0) {
    problems.push('--to is given too often: once as a URL, and once as a time where it is to end');
  }
  const endpoint = toEndpoint(address, protocol);
  if (typeof endpoint === 'string') problems.push(endpoint);
  else if ((caFile ?? certFile) !== undefined && endpoint.protocol !== 'https:') {
    problems.push('--ca-file and --cert-file are for a URL that begins with https://');
  }
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

const examples: Readonly<Record<Protocol, string>> = {
  'http/protobuf': 'http://127.0.0.1:4318',
  'http/json': 'http://127.0.0.1:4318',
  grpc: 'http://127.0.0.1:4317',
};

/** gRPC users write host:port as often as a URL. Gives back what is wrong with it, if so. */
function toEndpoint(text: string | undefined, protocol: Protocol): URL | string {
  const example = examples[protocol];
  if (text === undefined) return `--to names no destination: give a URL such as ${example}`;
  const full = protocol === 'grpc' && !text.includes('://') ? `http://${text}` : text;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  return `--to '${text}' is neither an address nor a time: give a URL such as ${example}`;
}
