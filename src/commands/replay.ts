/** `archer replay`: sends what is in the archive to an OTLP destination, request by request. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { noAnswer } from '../client/answer.ts';
import type { ClientTls, OtlpClient } from '../client/client-port.ts';
import { openOtlpClient } from '../client/otlp-client.ts';
import { requestToJson } from '../client/request-json.ts';
import { nativeDecompress } from '../disk/ipc/zstd.ts';
import { nodeStorage } from '../disk/storage.ts';
import { ArchiveReader } from '../query/archive-reader.ts';
import { rebuildRequests } from '../query/archived-requests.ts';
import { systemClock } from '../shared/clock.ts';
import { problem, problemOf } from '../shared/errors.ts';
import { type Signal, signals } from '../shared/signal.ts';
import { openDeliveryBar } from './delivery/delivery-bar.ts';
import { sleep } from './delivery/request-delivery.ts';
import { reportRetries, summaryJson, summaryProblem, summaryText } from './delivery/summary.ts';
import type { Tally } from './delivery/tally.ts';
import { FaultList } from './export/export-report.ts';
import { addSendingOptions, readTlsTo } from './options/destination-options.ts';
import { addOutputDirOptions, findOutputDir } from './options/output-directory.ts';
import { appendText } from './options/text-list.ts';
import { exitCode } from './process/exit-code.ts';
import { onStopSignals } from './process/stop-signals.ts';
import { type ReplayedRequest, replay } from './replay/replay-run.ts';
import {
  type ReplayOptions,
  type ReplaySettings,
  readReplaySettings,
} from './replay/replay-settings.ts';
import { formatBytes } from './terminal/format.ts';
import { printProblems } from './terminal/print-problems.ts';

/** The OTLP specification's default for exporters. */
const requestTimeoutMs = 10_000;

const replayHint = 'To continue, give --from the time of the last row that arrived.';

/** A year of telemetry in half a minute. */
const speedMax = 1_000_000;

export function replayCommand(): Command {
  const command = new Command('replay')
    .description('sends the recorded requests to an OTLP destination')
    .requiredOption(
      '--to <url>',
      'the destination; a second --to with a time ends the replay there: rows before it',
      appendText,
    )
    .option('--from <time>', 'rows from this time on: RFC 3339, or -15m')
    .option(
      '--speed <factor>',
      'of the recorded pace, such as 1x (default: as fast as accepted)',
      parseSpeed,
    )
    .addOption(new Option('--signal <signal>', 'only this one').choices(signals))
    .option('--service <name>', 'only of this service; several times for several', appendText)
    .option('--json', 'print the summary as JSON');
  return addOutputDirOptions(addSendingOptions(command)).action(async (options: ReplayOptions) => {
    process.exitCode = await runReplay(options);
  });
}

function parseSpeed(text: string): number {
  const speed = /^\d+(\.\d+)?x?$/.test(text) ? Number(text.replace('x', '')) : Number.NaN;
  if (speed > 0 && speed <= speedMax) return speed;
  throw new InvalidArgumentError('Give a factor such as 1x, 2x or 0.5x.');
}

async function runReplay(options: ReplayOptions): Promise<number> {
  const found = findOutputDir(nodeStorage, options);
  const asked = readReplaySettings(options, systemClock.unixNs());
  const read = asked.ok ? readTlsTo(asked.endpoint, nodeStorage, options) : asked;
  if (!found.ok || !asked.ok || !read.ok) {
    const wrong = new Set([found, asked, read]);
    const problems = [...wrong].flatMap((part) => (part.ok ? [] : part.problems));
    printProblems(problems, options.json);
    return asked.ok && read.ok && !found.ok ? found.code : exitCode.usage;
  }
  const { outputDir } = found;
  try {
    const client = openClient(asked, read.tls, options);
    const faults = new FaultList();
    const { tally, isCut } = await replayArchive(outputDir, client, asked, options, faults);
    const code = tell(tally, asked, faults, options.json === true);
    if (!isCut) return code;
    const facts = { what: 'The replay', place: '', hint: replayHint };
    printProblems([problem('ERR_ARCHER_STOPPED', facts)], options.json);
    return exitCode.fault;
  } catch (error) {
    printProblems([problemOf(error)], options.json);
    return exitCode.fault;
  }
}

type Asked = Extract<ReplaySettings, { readonly ok: true }>;

function openClient(
  { endpoint }: Asked,
  tls: ClientTls | undefined,
  options: ReplayOptions,
): OtlpClient {
  const { protocol, compression, concurrency: connectionsMax, header: headers = {} } = options;
  const limits = { connectionsMax, timeoutMs: requestTimeoutMs, userAgent: 'archer-replay' };
  const how = { protocol, endpoint, compression, headers, ...(tls && { tls }) };
  return openOtlpClient({ ...how, ...limits }, systemClock);
}

async function replayArchive(
  outputDir: string,
  client: OtlpClient,
  { signals: wanted, filter, endpoint }: Asked,
  { protocol, speed, concurrency }: ReplayOptions,
  faults: FaultList,
): Promise<{ readonly tally: Tally; readonly isCut: boolean }> {
  const where = { storage: nodeStorage, outputDir, decompress: nativeDecompress() };
  const reader = new ArchiveReader(where);
  const plans = new Map(wanted.map((signal) => [signal, reader.plan(signal, filter)]));
  const bytes = [...plans.values()].reduce((sum, plan) => sum + plan.bytes, 0);
  const bar = openDeliveryBar(bytes, `of ${formatBytes(bytes)}`, process.stderr);
  let bytesRead = 0;
  let lastTally: Tally | undefined;
  const addBytes = (byteCount: number) => {
    bytesRead += byteCount;
    bar.update(bytesRead, lastTally);
  };
  async function* requests(signal: Signal): AsyncGenerator<ReplayedRequest> {
    const batches = reader.batches(plans.get(signal)!, addBytes);
    for await (const found of rebuildRequests(signal, batches)) {
      if (found.kind === 'fault') faults.add(found);
      else yield found;
    }
  }
  const stopSignals = onStopSignals();
  const ports = {
    ...{ clock: systemClock, sleep, fraction: Math.random, requests },
    send: protocol === 'http/json' ? asJson(client) : client.send,
    progress: (tally: Tally) => {
      lastTally = tally;
      bar.update(bytesRead, tally);
    },
    onFirstRetry: reportRetries(endpoint.origin, process.stderr),
  };
  try {
    const tally = await replay({ signals: wanted, concurrency, speed }, ports, stopSignals.abort);
    return { tally, isCut: stopSignals.abort.aborted };
  } finally {
    bar.close();
    stopSignals.forget();
    client.close();
  }
}

/** What has no place in JSON is refused here, and all else goes on. */
function asJson(client: OtlpClient): OtlpClient['send'] {
  return async (signal, bytes, stop) => {
    let body: Buffer;
    try {
      body = Buffer.from(requestToJson(signal, bytes));
    } catch (error) {
      const { message } = noAnswer(error);
      return { verdict: 'refused', message: `no JSON: ${message}`, isMisdirected: false };
    }
    return client.send(signal, body, stop);
  };
}

/** The items of what is acknowledged were delivered. */
function tell(tally: Tally, { endpoint }: Asked, faults: FaultList, asJsonText: boolean): number {
  const more = {
    faults: faults.toJson(),
    fault_count: faults.count,
  };
  console.log(asJsonText ? summaryJson(tally, more) : summaryText(tally));
  printProblems(faults.problems(), asJsonText);
  const found = summaryProblem(tally, endpoint.origin, '--to');
  if (found !== undefined) printProblems([found], asJsonText);
  return found === undefined && faults.count === 0 ? exitCode.done : exitCode.fault;
}
