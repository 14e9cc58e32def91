/**
 * Records ten thousand time series, each with a point every second, for two minutes, and measures
 * what a point costs on disk and in CPU time. For comparison it stores the same requests as the
 * Collector's file exporter does: one after the other as protobuf, plain or each compressed by
 * zstd.
 */
import { join } from 'node:path';
import { nativeCompress, zstdLevel } from '../src/columns/arrow/zstd.ts';
import { toProtobuf } from '../src/commands/generate/serialize.ts';
import { Traffic } from '../src/commands/generate/traffic.ts';
import { runArcher, startRecorder } from '../test/recorder/recorder-process.ts';
import { inBenchFolder, isQuick } from './comparison.ts';
import { readProcessUsage } from './process-usage.ts';
import { folderBytes } from './target.ts';

const seconds = isQuick ? 3 : 120;
const seriesCount = isQuick ? 2_000 : 10_000;
const pointCount = seconds * seriesCount;

/** Enough traffic for the shop's histograms and counters to change from one export to the next. */
const spansPerSecond = 200;
const seed = 7;
const firstUnixNs = 1_763_683_200_000_000_000n;

interface Cost {
  readonly name: string;
  readonly bytes: number;
  /** CPU time of the whole process; undefined for files that this bench writes itself. */
  readonly cpuSeconds?: number;
  readonly rssBytesMax?: number;
}

await inBenchFolder(async (folder) => {
  const costs = [await record(join(folder, 'output')), ...keepAsSent()];
  console.log(`${pointCount} points: ${seriesCount} series, a point a second, ${seconds} s\n`);
  console.log('| | bytes a point | CPU-seconds per million points | peak RSS |');
  console.log('|---|---|---|---|');
  for (const cost of costs) console.log(row(cost));
});

async function record(outputDir: string): Promise<Cost> {
  const recorder = await startRecorder([], outputDir);
  const before = readProcessUsage(recorder.child.pid!);
  const { code, stdout, stderr } = await runArcher([
    ...['generate', '--endpoint', `http://127.0.0.1:${recorder.ports.http}`, '--json'],
    ...['--signals', 'metrics', '--series', String(seriesCount), '--metric-interval', '1s'],
    ...['--rate', String(spansPerSecond), '--duration', `${seconds}s`, '--seed', String(seed)],
  ]);
  if (code !== 0) throw new Error(`generate ended with ${code}: ${stderr}`);
  const { acknowledged } = JSON.parse(stdout).metrics;
  await recorder.post('/api/flush');
  const { cpuSeconds, rssBytesMax } = readProcessUsage(recorder.child.pid!);
  const { lines } = await recorder.stop();
  const recorded = JSON.parse(lines.at(-1) ?? '').rows.metrics;
  if (acknowledged !== pointCount || recorded !== pointCount) {
    throw new Error(`${acknowledged} points acknowledged, ${recorded} recorded of ${pointCount}`);
  }
  const bytes = folderBytes(join(outputDir, 'metrics'));
  return {
    ...{ name: 'Archer', bytes, rssBytesMax },
    cpuSeconds: cpuSeconds - before.cpuSeconds,
  };
}

/** Builds the same requests from the same seed, without a network. */
function keepAsSent(): Cost[] {
  const traffic = new Traffic({
    ...{ endpoint: new URL('http://127.0.0.1'), protocol: 'http/protobuf', compression: 'none' },
    ...{ headers: {}, concurrency: 1, rate: spansPerSecond, duration: seconds * 1000 },
    ...{ signals: ['metrics'], series: seriesCount, metricInterval: 1000, seed },
    ...{ spansPerRequest: spansPerSecond, spansTotal: seconds * spansPerSecond },
  });
  const compress = nativeCompress(zstdLevel);
  const bytes = { plain: 0, zstd: 0 };
  for (let second = 1; second <= seconds; second++) {
    const unixNs = firstUnixNs + BigInt(second) * 1_000_000_000n;
    for (const { message } of traffic.next(unixNs, second * 1000)?.requests ?? []) {
      const request = toProtobuf('metrics', message);
      bytes.plain += request.length;
      bytes.zstd += compress(request).length;
    }
  }
  return [
    { name: 'protobuf, as sent', bytes: bytes.plain },
    { name: 'protobuf, zstd for each request', bytes: bytes.zstd },
  ];
}

function row({ name, bytes, cpuSeconds, rssBytesMax }: Cost): string {
  const cells = [
    (bytes / pointCount).toFixed(1),
    cpuSeconds === undefined ? '' : ((cpuSeconds / pointCount) * 1e6).toFixed(2),
    rssBytesMax === undefined ? '' : `${(rssBytesMax / 2 ** 20).toFixed(0)} MiB`,
  ];
  return `| ${[name, ...cells].join(' | ')} |`;
}
