/**
 * Measures what forwarding costs, and whether it slows recording. The same paced load, half of what
 * the machine can take, goes in turns to a recorder without a destination and to recorders whose
 * destination is dead, slow or fast. The recorder without a destination is the rival.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { unusedPort } from '../test/client/fake-destination.ts';
import { type RecorderProcess, startRecorder } from '../test/recorder/recorder-process.ts';
import { inBenchFolder, isQuick } from './comparison.ts';
import { buildCorpus, writeCorpus } from './corpus.ts';
import type { LoadResult } from './load.ts';
import { type LoadProcess, startLoad } from './load-process.ts';
import { readProcessUsage } from './process-usage.ts';
import { rivalTarget } from './target.ts';

const spansPerRequest = 100;
const connectionCount = 16;
const roundCount = isQuick ? 1 : 3;
const warmUpMs = isQuick ? 100 : 1_000;
const durationMs = isQuick ? 300 : 6_000;
const requestCountMax = 200_000;

/** The recorder's default size of the log. Recorders that tests start have a smaller log. */
const flags = ['--wal-max-bytes', '256MiB'];

/** The time after which even a fast destination that is far behind has received everything. */
const catchUpMsMax = 120_000;

interface Variant {
  readonly name: string;
  /** Entries of the setting `forwarding`. */
  readonly forwarding: readonly object[];
  /** True if the cost is known only after the destination has received everything. */
  readonly catchesUp: boolean;
}

interface Turn {
  readonly cpuSecondsPerMillion: number;
  readonly latenciesMs: readonly number[];
  readonly delivered: number;
  readonly accepted: number;
}

await inBenchFolder(async (folder) => {
  const corpusPath = join(folder, 'corpus');
  writeCorpus(corpusPath, buildCorpus({ spansPerRequest, requestCount: 200, seed: 20_260_131 }));
  const load = await startLoad({ transport: 'http', corpusPath });
  const requestsPerSecond = Math.round((await measureMost(load)) / 2);
  const spansPerSecond = (requestsPerSecond * spansPerRequest).toLocaleString('en');
  console.log(`\nHTTP, ${spansPerRequest} spans a request, ${spansPerSecond} spans/s: half load\n`);
  const servers = await openServers(folder);
  const variants = await variantsOf(servers);
  const turns = new Map<Variant, Turn[]>(variants.map((variant) => [variant, []]));
  for (let round = 0; round < roundCount; round++) {
    for (const variant of variants) {
      turns.get(variant)!.push(await takeTurn(folder, load, variant, requestsPerSecond));
    }
  }
  await load.stop();
  for (const { stop } of servers) await stop();
  report(turns);
});

/** Measures how many requests a second a recorder without a destination takes. */
async function measureMost(load: LoadProcess): Promise<number> {
  const recorder = await startRecorder(flags);
  const order = { port: recorder.ports.http, connectionCount, requestCountMax };
  await load.obey({ ...order, durationMs: warmUpMs });
  const { acceptedCount, seconds } = await load.obey({ ...order, durationMs: 3 * warmUpMs });
  await recorder.stop();
  return acceptedCount / seconds;
}

async function openServers(folder: string) {
  const open = async (work: 'drop' | 'drop-late') => {
    const path = join(folder, work);
    mkdirSync(path);
    return rivalTarget(work, work)(path);
  };
  return [await open('drop'), await open('drop-late')];
}

async function variantsOf(servers: Awaited<ReturnType<typeof openServers>>): Promise<Variant[]> {
  const [fast, slow] = servers.map(({ ports }) => `http://127.0.0.1:${ports.http}`);
  const grpc = `http://127.0.0.1:${servers[0]!.ports.grpc}`;
  const dead = `http://127.0.0.1:${await unusedPort()}`;
  const to = (endpoint: string | undefined, more = {}) => [{ name: 'up', endpoint, ...more }];
  const plain = { compression: 'none' };
  const protocol = 'grpc';
  const isDone = { catchesUp: true } as const;
  const all: Variant[] = [
    { name: 'none', forwarding: [], catchesUp: false },
    { name: 'dead', forwarding: to(dead), catchesUp: false },
    { name: 'slow, half a second', forwarding: to(slow), catchesUp: false },
    { name: 'fast, HTTP, none', forwarding: to(fast, plain), ...isDone },
    { name: 'fast, HTTP, gzip', forwarding: to(fast), ...isDone },
    { name: 'fast, gRPC, none', forwarding: to(grpc, { ...plain, protocol }), ...isDone },
  ];
  return isQuick ? all.filter((_, index) => index % 2 === 0) : all;
}

/**
 * Starts a recorder for this turn alone. Otherwise a destination that is behind would cause work in
 * the next turn.
 */
async function takeTurn(
  folder: string,
  load: LoadProcess,
  { name, forwarding, catchesUp }: Variant,
  requestsPerSecond: number,
): Promise<Turn> {
  const config = join(folder, 'archer.yaml');
  writeFileSync(config, JSON.stringify({ forwarding }));
  const outputDir = join(folder, 'output');
  const recorder = await startRecorder(['--config', config, ...flags], outputDir);
  const order = { port: recorder.ports.http, connectionCount, requestCountMax, requestsPerSecond };
  const warm = await load.obey({ ...order, durationMs: warmUpMs });
  if (catchesUp) await catchUp(recorder, warm.acceptedCount);
  const before = readProcessUsage(recorder.child.pid!).cpuSeconds;
  const result: LoadResult = await load.obey({ ...order, durationMs });
  const accepted = warm.acceptedCount + result.acceptedCount;
  if (catchesUp) await catchUp(recorder, accepted);
  const cpuSeconds = readProcessUsage(recorder.child.pid!).cpuSeconds - before;
  const delivered = await deliveredBy(recorder);
  const { code } = await recorder.stop();
  if (code !== 0 || result.refusedCount > 0) {
    throw new Error(`${name}: ended with ${code}, ${result.refusedCount} requests refused`);
  }
  rmSync(outputDir, { recursive: true });
  const spanCount = result.acceptedCount * spansPerRequest;
  const cpuSecondsPerMillion = (cpuSeconds / spanCount) * 1e6;
  return { cpuSecondsPerMillion, latenciesMs: result.latenciesMs, delivered, accepted };
}

async function catchUp(recorder: RecorderProcess, accepted: number): Promise<void> {
  const endMs = performance.now() + catchUpMsMax;
  while ((await deliveredBy(recorder)) < accepted) {
    if (performance.now() > endMs) throw new Error('a fast destination does not catch up');
    await sleep(100);
  }
}

async function deliveredBy({ ports }: RecorderProcess): Promise<number> {
  const scrape = await fetch(`http://127.0.0.1:${ports.dashboard}/metrics`);
  const series = /^archer_forward_delivered_requests_total\{.*\} (\d+)$/m;
  return Number(series.exec(await scrape.text())?.[1] ?? 0);
}

function report(turns: ReadonlyMap<Variant, readonly Turn[]>): void {
  const [none] = [...turns.values()];
  const base = { cpu: medianCpu(none!), p99: medianQuantile(none!, 0.99) };
  console.log(
    '| destination | CPU-s per million spans | to none | p50, p99 ms | p99 to none | sent |',
  );
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const [{ name }, those] of turns) {
    const cpu = medianCpu(those);
    const [p50, p99] = [medianQuantile(those, 0.5), medianQuantile(those, 0.99)];
    const sum = (key: 'delivered' | 'accepted') => those.reduce((all, turn) => all + turn[key], 0);
    const cells = [
      name,
      cpu.toFixed(2),
      (cpu / base.cpu).toFixed(2),
      `${p50.toFixed(2)}, ${p99.toFixed(1)}`,
      (p99 / base.p99).toFixed(2),
      `${((100 * sum('delivered')) / sum('accepted')).toFixed(0)} %`,
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

function medianCpu(turns: readonly Turn[]): number {
  return median(turns.map(({ cpuSecondsPerMillion }) => cpuSecondsPerMillion));
}

/**
 * Returns the median of the turns' quantiles. So a moment in which the machine was busy spoils one
 * turn only.
 */
function medianQuantile(turns: readonly Turn[], share: number): number {
  return median(
    turns.map(({ latenciesMs }) => {
      const sorted = latenciesMs.toSorted((a, b) => a - b);
      return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
    }),
  );
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
