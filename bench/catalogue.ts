/**
 * Measures how fast a start finds 10,000 segments: with the kept catalogue, and by reading the
 * metadata of every file.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { schemaMessage } from '../src/columns/schema.ts';
import { Catalogue, listSegments } from '../src/disk/catalogue/catalogue.ts';
import { readCatalogue } from '../src/disk/catalogue/catalogue-file.ts';
import { endOfStream } from '../src/disk/ipc/ipc-format.ts';
import { recordBatchMessage } from '../src/disk/ipc/ipc-writer.ts';
import { messageMetadata } from '../src/disk/ipc/message-metadata.ts';
import { segmentPath } from '../src/disk/layout.ts';
import { nodeStorage as storage } from '../src/disk/storage.ts';
import { ownSegments, planRetention } from '../src/retention/retention-plan.ts';
import { systemClock } from '../src/shared/clock.ts';
import { type Signal, signals } from '../src/shared/signal.ts';

const isQuick = process.env['BENCH_QUICK'] === '1';
const segmentCount = isQuick ? 200 : 10_000;
const roundCount = isQuick ? 1 : 5;

/**
 * A segment of ten batches, as an hour with little traffic produces. Each batch has a filter of
 * 1,000 ids.
 */
const batchCount = 10;
const filterBytes = 1200;
const bodyBytes = 4096;

const recorder = '0f8fad5b-d9cb-469f-a165-70867728950e';
const hourNs = 3_600_000_000_000n;
const firstTime = 1_795_251_185_123_000_000n;

/** The rows are random bytes: this bench does not read them. */
function segmentBytes(index: number): Buffer {
  const schema = schemaMessage('traces', { writer: 'bench', recorder });
  const parts: Uint8Array[] = [schema];
  const received = firstTime + BigInt(index) * hourNs;
  for (let batch = 0; batch < batchCount; batch += 1) {
    const position = BigInt(index * batchCount + batch + 1);
    const body = new Uint8Array(bodyBytes).fill(index + batch);
    const encoded = {
      ...{ rows: 1000, nodes: [1000, 0], buffers: [0, 0, 0, bodyBytes], body },
      compression: 'none',
      traceIdFilter: new Uint8Array(filterBytes).fill(batch),
      stats: {
        ...{ rows: 1000, firstTime: received - 5n, lastTime: received + 5n },
        ...{ firstReceivedTime: received, lastReceivedTime: received + 60n },
        services: ['cart', 'checkout', 'payment', `service-${index % 40}`],
      },
    } as const;
    const range = { recorder, lane: 0, from: position, to: position };
    parts.push(recordBatchMessage(encoded, messageMetadata(encoded, range)), body);
  }
  return Buffer.concat([...parts, endOfStream]);
}

function makeArchive(outputDir: string): void {
  mkdirSync(join(outputDir, '.archer'));
  for (let index = 0; index < segmentCount; index += 1) {
    const firstReceivedMs = Number((firstTime + BigInt(index) * hourNs) / 1_000_000n);
    const signal: Signal = 'traces';
    const path = join(outputDir, segmentPath({ signal, firstReceivedMs, number: index + 1 }));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, segmentBytes(index));
  }
}

function timeMs(action: () => void): number {
  const startMs = systemClock.monotonicMs();
  action();
  return systemClock.monotonicMs() - startMs;
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1]!;
}

function report(name: string, times: readonly number[], rivalMs?: number): void {
  const ms = median(times);
  const ratio = rivalMs === undefined ? '' : `   ${(rivalMs / ms).toFixed(1)} x faster`;
  const spread = `(${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)})`;
  console.log(`${name.padEnd(52)} ${ms.toFixed(0).padStart(6)} ms ${spread.padEnd(16)}${ratio}`);
}

const outputDir = mkdtempSync(join(tmpdir(), 'archer-bench-'));
try {
  makeArchive(outputDir);
  const options = { storage, outputDir, signals };
  const built = new Catalogue(options);
  const longest: number[] = [];
  const buildMs = timeMs(() => {
    while (!built.isComplete) longest.push(timeMs(() => built.readNext()));
  });
  const saveMs = timeMs(() => built.save());
  const ready: number[] = [];
  const byReading: number[] = [];
  const listed: number[] = [];
  const swept: number[] = [];
  const limits = { traces: 1, metrics: 1, logs: 1 };
  for (let round = 0; round < roundCount; round += 1) {
    byReading.push(timeMs(() => listSegments(storage, outputDir, signals)));
    ready.push(
      timeMs(() => {
        const catalogue = new Catalogue(options);
        if (!catalogue.isComplete) throw new Error('the kept catalogue was not believed');
      }),
    );
    listed.push(
      timeMs(() => {
        listSegments(storage, outputDir, signals, readCatalogue(storage, outputDir));
      }),
    );
    swept.push(
      timeMs(() => {
        const segments = ownSegments(built.segments, recorder, 'absent');
        const now = {
          ...{ unixMs: systemClock.unixMs(), monotonicMs: systemClock.monotonicMs() },
          ...{ freeBytes: 0, sealedMs: new Map<number, number>() },
        };
        planRetention(segments, now, { ageMaxMs: limits, bytesMax: 1, freeBytesMin: 1 });
      }),
    );
  }
  console.log(`${segmentCount} segments of ${batchCount} batches, median of ${roundCount}:\n`);
  const rivalMs = median(byReading);
  report("rival: a list by reading every file's metadata", byReading);
  report('catalogue ready, from what is kept', ready, rivalMs);
  report('archer ls, from what is kept', listed, rivalMs);
  report('a plan of retention', swept);
  console.log(
    `\nbuilt anew in the background: ${buildMs.toFixed(0)} ms, ` +
      `${Math.max(...longest).toFixed(1)} ms at most at a time; kept in ${saveMs.toFixed(0)} ms, ` +
      `${storage.stat(join(outputDir, '.archer', 'catalogue'))?.bytes} bytes`,
  );
} finally {
  rmSync(outputDir, { recursive: true, force: true });
}
