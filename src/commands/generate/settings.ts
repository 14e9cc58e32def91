/** The options of `archer generate`, and the settings they make together. */
import { randomInt } from 'node:crypto';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ClientTls } from '../../client/client-port.ts';
import { parseDurationMs } from '../../config/units.ts';
import { nodeStorage } from '../../disk/storage.ts';
import type { Compression, Protocol } from '../../shared/otlp-protocol.ts';
import { type Signal, signals } from '../../shared/signal.ts';
import {
  addSendingOptions,
  readTlsTo,
  type SendingOptions,
} from '../options/destination-options.ts';
import { defaultEndpoints, parseEndpoint } from '../options/endpoint.ts';
import { wholeNumber } from '../options/whole-number.ts';
import { exitCode } from '../process/exit-code.ts';
import type { DeliveryPlan } from './delivery.ts';

export interface GenerateSettings extends DeliveryPlan {
  readonly endpoint: URL;
  readonly protocol: Protocol;
  readonly compression: Compression;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls?: ClientTls;
  readonly metricIntervalMs: number;
  /** At least so many time series are in an export; the shop alone has some hundred. */
  readonly seriesCount: number;
  readonly seed: number;
}

/** As commander gives them. */
export interface GenerateOptions extends SendingOptions {
  readonly endpoint?: string;
  readonly rate: number;
  /** In milliseconds. */
  readonly duration: number;
  readonly signals: readonly Signal[];
  /** In milliseconds. */
  readonly metricInterval: number;
  readonly series?: number;
  readonly seed?: number;
  readonly spansPerRequest?: number;
  readonly json?: true;
}

/** As many as an SDK would send in one request. */
const defaultSpansPerRequest = 200;

/** Far above what one process can make. */
const rateMax = 10_000_000;
const durationMsMax = 366 * 24 * 3_600_000;
/** At some 400 bytes a span, far below the 64 MiB that servers take. */
const spansPerRequestMax = 10_000;
const seedMax = 2 ** 32 - 1;
/** An export of so many has some hundred megabytes, and takes seconds to make. */
const seriesMax = 1_000_000;

export function addGenerateOptions(command: Command): Command {
  command
    .option('--endpoint <url>', 'where to (default 127.0.0.1, port 4318 for HTTP, 4317 for gRPC)')
    .addOption(
      new Option('--signals <list>', 'of traces, metrics, logs')
        .argParser(parseSignals)
        .default(signals, signals.join(',')),
    )
    .option(
      '--rate <number>',
      'spans per second, with their share of log records; 0 is as fast as accepted',
      parseRate,
      1000,
    )
    .addOption(
      new Option('--duration <time>', 'how long, with its unit: ms, s, m or h')
        .argParser(parseDuration)
        .default(10_000, '10s'),
    )
    .addOption(
      new Option(
        '--metric-interval <time>',
        'between two exports of the metrics; one is at the end',
      )
        .argParser(parseDuration)
        .default(10_000, '10s'),
    )
    .option(
      '--series <number>',
      "time series in an export: beyond the shop's own, filled up by the stock of its products",
      wholeNumber(1, seriesMax),
    )
    .option('--seed <number>', 'the same seed gives the same telemetry', wholeNumber(0, seedMax))
    .option(
      '--spans-per-request <number>',
      'spans, or log records, in one request (default 200, or those of a second if that is less)',
      wholeNumber(1, spansPerRequestMax),
    )
    .option('--json', 'print the summary as JSON');
  return addSendingOptions(command);
}

/** Ends the command, as commander does for a wrong option, where they contradict each other. */
export function toSettings(command: Command, options: GenerateOptions): GenerateSettings {
  const { protocol, compression, rate, duration: durationMs, concurrency } = options;
  const spansTotal = rate === 0 ? Number.POSITIVE_INFINITY : Math.round((rate * durationMs) / 1000);
  if (spansTotal === 0) fail(command, '--rate in --duration makes no span: raise one of them');
  if (options.series !== undefined && !options.signals.includes('metrics')) {
    fail(command, '--series needs metrics among --signals');
  }
  if (rate === 0 && options.signals.every((signal) => signal === 'metrics')) {
    fail(command, '--rate 0 needs traces or logs among --signals: of metrics, time decides');
  }
  const spansPerSecond = rate === 0 ? Number.POSITIVE_INFINITY : Math.max(Math.round(rate), 1);
  const endpoint = toEndpoint(command, options.endpoint ?? defaultEndpoints[protocol], protocol);
  const read = readTlsTo(endpoint, nodeStorage, options);
  if (!read.ok) fail(command, read.problems.join('; '));
  return {
    endpoint,
    protocol,
    compression,
    headers: options.header ?? {},
    ...(read.tls && { tls: read.tls }),
    signals: options.signals,
    rate,
    durationMs,
    metricIntervalMs: options.metricInterval,
    seriesCount: options.series ?? 0,
    spansTotal,
    concurrency,
    spansPerRequest: options.spansPerRequest ?? Math.min(defaultSpansPerRequest, spansPerSecond),
    seed: options.seed ?? randomInt(seedMax + 1),
  };
}

function toEndpoint(command: Command, text: string, protocol: Protocol): URL {
  const example = defaultEndpoints[protocol];
  const problem = `--endpoint '${text}' is no address: give a URL such as ${example}`;
  return parseEndpoint(text, protocol) ?? fail(command, problem);
}

function fail(command: Command, problem: string): never {
  return command.error(`error: ${problem}`, { exitCode: exitCode.usage });
}

function parseRate(text: string): number {
  const rate = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (rate <= rateMax) return rate;
  throw new InvalidArgumentError(`Give spans per second from 0 to ${rateMax}.`);
}

function parseDuration(text: string): number {
  const ms = parseDurationMs(text);
  if (ms > 0 && ms <= durationMsMax) return ms;
  throw new InvalidArgumentError('Give a time with its unit, such as 500ms, 10s, 5m or 1h.');
}

/** In the order of the signals, each once. */
function parseSignals(text: string): readonly Signal[] {
  const names = text.split(',').map((name) => name.trim());
  const known: readonly string[] = signals;
  if (names.every((name) => known.includes(name))) {
    return signals.filter((signal) => names.includes(signal));
  }
  throw new InvalidArgumentError(`Give some of ${signals.join(',')}, separated by commas.`);
}
