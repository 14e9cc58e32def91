/** `archer replay`: sends what is in the archive to an OTLP destination, request by request. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { ArchiveReader } from '../archive/archive-reader.ts';
import { rebuildRequests } from '../archive/archived-requests.ts';
import { flagName, loadOutputDir, settings } from '../config.ts';
import { isFolderAt } from '../disk/folder-at.ts';
import { nativeDecompress } from '../disk/ipc/zstd.ts';
import { nodeStorage } from '../disk/storage.ts';
import { noAnswer } from '../egress/answer.ts';
import { compressions, type OtlpClient, openOtlpClient, protocols } from '../egress/otlp-client.ts';
import { requestToJson } from '../egress/request-json.ts';
import { systemClock } from '../shared/clock.ts';
import { type Signal, signals } from '../shared/signal.ts';
import { sleep } from './delivery/request-delivery.ts';
import { summaryJson, summaryProblem, summaryText } from './delivery/summary.ts';
import type { Tally } from './delivery/tally.ts';
import { addDestinationOptions, readClientTls } from './destination-options.ts';
import { exitCode } from './exit-code.ts';
import { FaultList } from './export/export-report.ts';
import { openReplayProgress } from './replay/replay-progress.ts';
import { type ReplayedRequest, replay } from './replay/replay-run.ts';
import {
  type ReplayOptions,
  type ReplaySettings,
  readReplaySettings,
} from './replay/replay-settings.ts';
import { onStopSignals } from './stop-signals.ts';

/** As the specification's default for exporters. */
const requestTimeoutMs = 10_000;

const concurrencyMax = 256;

/** A year of telemetry in half a minute. */
const speedMax = 1_000_000;

export function replayCommand(): Command {
  const { default: byDefault, meaning } = settings.output_dir;
  const protocol = new Option('--protocol <name>', 'of OTLP').choices(protocols);
  const compression = new Option('--compression <name>', 'of bodies').choices(compressions);
  const command = new Command('replay')
    .description('sends the recorded requests to an OTLP destination')
    .requiredOption(
      '--to <url>',
      'the destination; a second --to with a time ends the replay there: rows before it',
      collect,
    )
    .option('--from <time>', 'rows from this time on: RFC 3339, or -15m')
    .addOption(protocol.default('http/protobuf'))
    .addOption(compression.default('none'))
    .option(
      '--speed <factor>',
      'of the recorded pace, such as 1x (default: as fast as accepted)',
      parseSpeed,
    )
    .addOption(new Option('--signal <signal>', 'only this one').choices(signals))
    .option('--service <name>', 'only of this service; several times for several', collect)
    .option('--concurrency <number>', 'requests under way', parseConcurrency, 4)
    .option('--json', 'print the summary as JSON')
    .option(`${flagName('output_dir')} <folder>`, `${meaning} (default ${byDefault})`);
  return addDestinationOptions(command).action(async (options: ReplayOptions) => {
    process.exitCode = await runReplay(options);
  });
}

function collect(text: string, texts: readonly string[] = []): readonly string[] {
  return [...texts, text];
}

function parseSpeed(text: string): number {
  const speed = /^\d+(\.\d+)?x?$/.test(text) ? Number(text.replace('x', '')) : Number.NaN;
  if (speed > 0 && speed <= speedMax) return speed;
  throw new InvalidArgumentError('Give a factor such as 1x, 2x or 0.5x.');
}

function parseConcurrency(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= 1 && number <= concurrencyMax) return number;
  throw new InvalidArgumentError(`Give a whole number from 1 to ${concurrencyMax}.`);
}

async function runReplay(options: ReplayOptions): Promise<number> {
  const flags = options.outputDir === undefined ? {} : { output_dir: options.outputDir };
  const loaded = loadOutputDir({ flags, environment: process.env });
  const asked = readReplaySettings(options, systemClock.unixNs());
  if (!loaded.ok || !asked.ok) {
    const problems = [loaded, asked].flatMap((part) => (part.ok ? [] : part.problems));
    for (const problem of problems) console.error(`archer: ${problem}`);
    return exitCode.usage;
  }
  const { outputDir } = loaded;
  if (!isFolderAt(nodeStorage, outputDir)) {
    const remedy = 'record first, or name the folder with --output-dir';
    console.error(`archer: output_dir ${outputDir} is no folder: ${remedy}`);
    return exitCode.fault;
  }
  try {
    const client = openClient(asked, options);
    const faults = new FaultList();
    const { tally, isCut } = await replayArchive(outputDir, client, asked, options, faults);
    const code = tell(tally, asked, faults, options.json === true);
    if (!isCut) return code;
    console.error('archer: the replay was stopped before its end');
    return exitCode.fault;
  } catch (error) {
    console.error(`archer: ${error instanceof Error ? error.message : String(error)}`);
    return exitCode.fault;
  }
}

type Asked = Extract<ReplaySettings, { readonly ok: true }>;

function openClient({ endpoint }: Asked, options: ReplayOptions): OtlpClient {
  const { protocol, compression, concurrency: connectionsMax, header: headers = {} } = options;
  const tls = readClientTls(nodeStorage, options);
  const limits = { connectionsMax, timeoutMs: requestTimeoutMs, userAgent: 'archer-replay' };
  const how = { protocol, endpoint, compression, headers, ...(tls && { tls }) };
  return openOtlpClient({ ...how, ...limits }, systemClock);
}

async function replayArchive(
  outputDir: string,
  client: OtlpClient,
  { signals: wanted, filter }: Asked,
  { protocol, speed, concurrency }: ReplayOptions,
  faults: FaultList,
): Promise<{ readonly tally: Tally; readonly isCut: boolean }> {
  const where = { storage: nodeStorage, outputDir, decompress: nativeDecompress() };
  const reader = new ArchiveReader(where);
  const plans = new Map(wanted.map((signal) => [signal, reader.plan(signal, filter)]));
  const bytes = [...plans.values()].reduce((sum, plan) => sum + plan.bytes, 0);
  const progress = openReplayProgress(bytes, process.stderr);
  async function* requests(signal: Signal): AsyncGenerator<ReplayedRequest> {
    const batches = reader.batches(plans.get(signal)!, progress.add);
    for await (const found of rebuildRequests(signal, batches)) {
      if (found.kind === 'fault') faults.add(found);
      else yield found;
    }
  }
  const stop = new AbortController();
  const stopSignals = onStopSignals();
  void stopSignals.first.then(() => stop.abort());
  const ports = {
    ...{ clock: systemClock, sleep, fraction: Math.random, requests },
    send: protocol === 'http/json' ? asJson(client) : client.send,
    progress: progress.update,
  };
  try {
    const tally = await replay({ signals: wanted, concurrency, speed }, ports, stop.signal);
    return { tally, isCut: stop.signal.aborted };
  } finally {
    progress.close();
    stopSignals.forget();
    client.close();
  }
}

/** What has no place in JSON is refused here, and all else goes on. */
function asJson(
  client: OtlpClient,
): (signal: Signal, bytes: Uint8Array) => ReturnType<OtlpClient['send']> {
  return async (signal, bytes) => {
    let body: Buffer;
    try {
      body = Buffer.from(requestToJson(signal, bytes));
    } catch (error) {
      const { message } = noAnswer(error);
      return { verdict: 'refused', message: `no JSON: ${message}`, isMisdirected: false };
    }
    return client.send(signal, body);
  };
}

/** The items of what is acknowledged were delivered. */
function tell(tally: Tally, { endpoint }: Asked, faults: FaultList, asJsonText: boolean): number {
  const more = {
    faults: faults.first.map(({ path: file, offset, what }) => ({ file, offset, what })),
    fault_count: faults.count,
  };
  console.log(asJsonText ? summaryJson(tally, more) : summaryText(tally));
  for (const line of faults.lines()) console.error(`archer: ${line}`);
  const problem = summaryProblem(tally, endpoint.origin, '--to');
  if (problem !== undefined) console.error(`archer: ${problem}`);
  return problem === undefined && faults.count === 0 ? exitCode.done : exitCode.fault;
}
