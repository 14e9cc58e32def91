/**
 * Sends the same load to several targets in turns, so that a machine that is busy for a while
 * affects all of them. The other targets are compared with the first.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanUp as endRecorders } from '../test/recorder/recorder-process.ts';
import { buildCorpus, writeCorpus } from './corpus.ts';
import type { LoadOrder, LoadResult } from './load.ts';
import type { Transport } from './load-connection.ts';
import { type LoadProcess, startLoad } from './load-process.ts';
import { readProcessUsage } from './process-usage.ts';
import { rivalTarget, type StartTarget, type Target } from './target.ts';

export interface Scenario {
  readonly transport: Transport;
  readonly spansPerRequest: number;
}

/** The load that one target gets in a turn. */
interface Load {
  readonly connectionCount: number;
  readonly durationMs: number;
}

/** The figures of one round. */
interface Round {
  readonly spansPerCpuSecond: number;
  readonly spansPerSecond: number;
  /** The load generator's share of the CPU time that target and load generator took together. */
  readonly loadShare: number;
}

/** The measurements of one target in one scenario. */
interface Measurement {
  readonly target: Target;
  readonly rounds: Round[];
  readonly latenciesMs: { readonly saturated: number[]; readonly single: number[] };
  spanCount: number;
  refusedCount: number;
}

/** True if each bench should only show that it runs. */
export const isQuick = process.env.BENCH_QUICK === '1';
const seed = 20_260_131;
const corpusSpanCount = isQuick ? 4_000 : 40_000;

const roundCount = isQuick ? 1 : 3;
const warmUp: Load = { connectionCount: 16, durationMs: isQuick ? 100 : 2_000 };
const saturated: Load = { connectionCount: 16, durationMs: isQuick ? 300 : 2_000 };
const single: Load = { connectionCount: 1, durationMs: isQuick ? 100 : 1_000 };

/** Bounds what a target can write in a load: with 1,000 bytes a span, at most 2 GB. */
const spanCountMax = 2_000_000;

const MiB = 1024 * 1024;

const tableHead = [
  '',
  'spans per CPU-second',
  'Archer to it',
  'spans/s',
  'p50, p99 ms',
  'with 1 connection',
  'peak RSS MiB',
  'bytes a span',
  "load's CPU share",
];

/**
 * Gives the action a folder of its own, prints which machine this is, and removes the folder
 * afterwards.
 */
export async function inBenchFolder(action: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'archer-bench-'));
  try {
    const { model } = cpus()[0]!;
    console.log(`${cpus().length} x ${model}, Node ${process.version}, load ${loadText()}`);
    await action(folder);
  } finally {
    endRecorders();
    // A recorder that was killed during its work may still write for a moment.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Prints a Markdown table with a row for each target. */
export async function compareTargets(
  folder: string,
  scenario: Scenario,
  starts: readonly StartTarget[],
): Promise<void> {
  const load = await startLoad({
    transport: scenario.transport,
    corpusPath: corpusOf(folder, scenario.spansPerRequest),
  });
  const measurements: Measurement[] = [];
  for (const [index, start] of starts.entries()) {
    const targetFolder = join(folder, String(index));
    mkdirSync(targetFolder);
    measurements.push(newMeasurement(await start(targetFolder)));
  }
  // The load generator is slow until V8 has compiled its code. The targets must not pay for that.
  const nobody = newMeasurement(await rivalTarget('nobody', 'drop')(folder));
  await apply(load, warmUp, scenario, nobody);
  await nobody.target.stop();
  for (const measurement of measurements) await apply(load, warmUp, scenario, measurement);
  for (let round = 0; round < roundCount; round++) {
    // The order is reversed each time, so that the disk work that one target leaves behind does not
    // always slow the same other target.
    const order = round % 2 === 0 ? measurements : measurements.toReversed();
    for (const measurement of order) {
      measurement.rounds.push(await measureRound(load, scenario, measurement));
      const { latenciesMs } = await apply(load, single, scenario, measurement);
      measurement.latenciesMs.single.push(...latenciesMs);
    }
  }
  await load.stop();
  await report(folder, scenario, measurements);
}

function corpusOf(folder: string, spansPerRequest: number): string {
  const path = join(folder, `corpus-${spansPerRequest}`);
  const requestCount = corpusSpanCount / spansPerRequest;
  writeCorpus(path, buildCorpus({ spansPerRequest, requestCount, seed }));
  return path;
}

function newMeasurement(target: Target): Measurement {
  const latenciesMs = { saturated: [], single: [] };
  return { target, rounds: [], latenciesMs, spanCount: 0, refusedCount: 0 };
}

async function measureRound(
  load: LoadProcess,
  scenario: Scenario,
  measurement: Measurement,
): Promise<Round> {
  const { processId } = measurement.target;
  const before = readProcessUsage(processId);
  const result = await apply(load, saturated, scenario, measurement);
  const cpuSeconds = readProcessUsage(processId).cpuSeconds - before.cpuSeconds;
  measurement.latenciesMs.saturated.push(...result.latenciesMs);
  const spanCount = result.acceptedCount * scenario.spansPerRequest;
  return {
    spansPerCpuSecond: spanCount / cpuSeconds,
    spansPerSecond: spanCount / result.seconds,
    loadShare: result.cpuSeconds / (result.cpuSeconds + cpuSeconds),
  };
}

/** Resolves when every request that was sent has been answered. */
async function apply(
  load: LoadProcess,
  { connectionCount, durationMs }: Load,
  { transport, spansPerRequest }: Scenario,
  measurement: Measurement,
): Promise<LoadResult> {
  const port = measurement.target.ports[transport]!;
  const requestCountMax = spanCountMax / spansPerRequest;
  const order: LoadOrder = { port, connectionCount, durationMs, requestCountMax };
  const result = await load.obey(order);
  measurement.spanCount += result.acceptedCount * spansPerRequest;
  measurement.refusedCount += result.refusedCount;
  return result;
}

/** Ends the targets and prints the measurements. */
async function report(
  folder: string,
  scenario: Scenario,
  measurements: readonly Measurement[],
): Promise<void> {
  const transport = scenario.transport === 'http' ? 'HTTP' : 'gRPC';
  const spans = scenario.spansPerRequest.toLocaleString('en');
  console.log(`\n${transport}, ${spans} spans a request, load ${loadText()}\n`);
  console.log(tableRow(tableHead));
  console.log(tableRow(tableHead.map(() => '---')));
  const first = spansPerCpuSecond(measurements[0]!);
  for (const [index, measurement] of measurements.entries()) {
    const { name, processId, stop } = measurement.target;
    const { rssBytesMax } = readProcessUsage(processId);
    const { diskBytes, spanCount } = await stop();
    if (spanCount !== undefined && spanCount !== measurement.spanCount) {
      throw new Error(`${name}: ${measurement.spanCount} spans acknowledged, ${spanCount} written`);
    }
    rmSync(join(folder, String(index)), { recursive: true });
    const cells = [
      name,
      inThousands(spansPerCpuSecond(measurement)),
      (first / spansPerCpuSecond(measurement)).toFixed(2),
      inThousands(median(measurement.rounds.map((round) => round.spansPerSecond))),
      latencyText(measurement.latenciesMs.saturated),
      latencyText(measurement.latenciesMs.single),
      (rssBytesMax / MiB).toFixed(0),
      diskBytes === 0 ? '-' : (diskBytes / measurement.spanCount).toFixed(1),
      `${(100 * median(measurement.rounds.map((round) => round.loadShare))).toFixed(0)} %`,
    ];
    console.log(tableRow(cells));
  }
  for (const { target, refusedCount } of measurements) {
    if (refusedCount > 0) console.log(`\n${target.name} refused ${refusedCount} requests.`);
  }
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function spansPerCpuSecond({ rounds }: Measurement): number {
  return median(rounds.map((round) => round.spansPerCpuSecond));
}

function inThousands(count: number): string {
  return `${(count / 1000).toFixed(0)} k`;
}

function latencyText(latenciesMs: readonly number[]): string {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  const quantile = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
  const texts = [quantile(0.5), quantile(0.99)].map((ms) => ms.toFixed(ms < 10 ? 2 : 0));
  return texts.join(', ');
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** Returns the load of the machine over the last minute, in runnable processes. */
function loadText(): string {
  return loadavg()[0]!.toFixed(1);
}
