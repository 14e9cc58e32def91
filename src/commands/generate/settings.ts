/** The options of `archer generate`, and the settings that they make together. */
import { randomInt } from 'node:crypto';
import { type Command, Option } from 'commander';
import type { ClientTls } from '../../client/client-port.ts';
import { nodeStorage } from '../../disk/storage.ts';
import { type Signal, signals } from '../../shared/signal.ts';
import {
  addSendingOptions,
  readTlsTo,
  type SendingOptions,
} from '../options/destination-options.ts';
import { defaultEndpoints, parseEndpoint } from '../options/endpoint.ts';
import { decimalNumber, duration, signalList, wholeNumber } from '../options/option-parsers.ts';
import { exitCode } from '../process/exit-code.ts';

export interface GenerateSettings extends Omit<GenerateOptions, 'endpoint'> {
  readonly endpoint: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls?: ClientTls;
  readonly seed: number;
  readonly spansPerRequest: number;
  /** Infinity if only the duration ends the traffic. */
  readonly spansTotal: number;
}

/** The options as commander parses them. */
export interface GenerateOptions extends SendingOptions {
  readonly endpoint?: string;
  readonly signals: readonly Signal[];
  /** Spans per second; 0 sends as fast as the destination accepts. */
  readonly rate: number;
  /** In milliseconds. */
  readonly duration: number;
  readonly metricInterval: number;
  /** The smallest number of time series in an export; the shop alone has some hundred. */
  readonly series: number;
  readonly seed?: number;
  /** Spans, or log records, in one request. */
  readonly spansPerRequest?: number;
  readonly json?: true;
}

/** SDKs send about this number in one request. */
const defaultSpansPerRequest = 200;
/** Far more than one process can make. */
const rateMax = 10_000_000;
/** At some 400 bytes a span, a request is far below the 64 MiB that servers accept. */
const spansPerRequestMax = 10_000;
const seedMax = 2 ** 32 - 1;
/** An export of this size has some hundred megabytes and takes seconds to make. */
const seriesMax = 1_000_000;

export function addGenerateOptions(command: Command): Command {
  const time = (flag: string, text: string) => {
    return new Option(flag, text).argParser(duration).default(10_000, '10s');
  };
  const list = new Option('--signals <list>', 'signals to send, separated by commas');
  const seed = new Option('--seed <number>', 'the same seed gives the same telemetry');
  const series = new Option('--series <number>', 'smallest number of time series in an export');
  const spans = '--spans-per-request <number>';
  command
    .option('--endpoint <url>', 'destination (default: 127.0.0.1, port 4318 or 4317 for gRPC)')
    .addOption(list.argParser(signalList).default(signals, signals.join(',')))
    .option(
      '--rate <number>',
      'spans per second; 0: as fast as possible',
      decimalNumber(rateMax),
      1000,
    )
    .addOption(time('--duration <time>', 'how long to send, with a unit: ms, s, m or h'))
    .addOption(time('--metric-interval <time>', 'time between two exports of metrics'))
    .addOption(series.argParser(wholeNumber(1, seriesMax)).default(0, "the shop's own"))
    .addOption(seed.argParser(wholeNumber(0, seedMax)).default(undefined, 'random'))
    .option(spans, 'spans or log records in a request', wholeNumber(1, spansPerRequestMax))
    .option('--json', 'print the summary as JSON');
  return addSendingOptions(command);
}

/** Ends the command with a usage error if options contradict each other. */
export function toSettings(command: Command, options: GenerateOptions): GenerateSettings {
  const fail = (problem: string): never => {
    return command.error(`error: ${problem}`, { exitCode: exitCode.usage });
  };
  const {
    protocol,
    rate,
    duration: durationMs,
    series,
    header: headers = {},
    signals: sent,
  } = options;
  const spansTotal = rate === 0 ? Number.POSITIVE_INFINITY : Math.round((rate * durationMs) / 1000);
  if (spansTotal === 0) fail('--rate and --duration together make no span: raise one of them');
  if (series > 0 && !sent.includes('metrics')) fail('--series needs metrics among --signals');
  if (rate === 0 && sent.every((signal) => signal === 'metrics')) {
    fail('--rate 0 needs traces or logs among --signals: metrics are sent by time');
  }
  const example = defaultEndpoints[protocol];
  const text = options.endpoint ?? example;
  const endpoint =
    parseEndpoint(text, protocol) ??
    fail(`--endpoint '${text}' is not an address: give a URL such as ${example}`);
  const read = readTlsTo(endpoint, nodeStorage, options);
  if (!read.ok) return fail(read.problems.map(({ message }) => message).join('; '));
  const perSecond = rate === 0 ? defaultSpansPerRequest : Math.max(Math.round(rate), 1);
  const spansPerRequest = options.spansPerRequest ?? Math.min(defaultSpansPerRequest, perSecond);
  const seed = options.seed ?? randomInt(seedMax + 1);
  const tls = read.tls && { tls: read.tls };
  return { ...options, endpoint, headers, ...tls, seed, spansTotal, spansPerRequest };
}
