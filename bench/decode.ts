/**
 * Measures how fast requests become columns. The rival is protobufjs with the builders of
 * apache-arrow.
 */
import { readFileSync } from 'node:fs';
import { createDecoderMemory, openRequestDecoder } from '../src/columns/request-decoder.ts';
import { requestType } from '../src/shared/otlp-messages.ts';
import { signalNumber } from '../src/shared/signal.ts';
import { logWorkload } from './decode-logs.ts';
import { metricWorkloads } from './decode-metrics.ts';
import { BuilderColumns, type RivalSignal } from './decode-rival.ts';
import { spanWorkload } from './decode-spans.ts';
import type { Workload } from './decode-workload.ts';

/** The recorder's default batch size. */
const rowsPerBatch = 10_000;
const rowsPerRequest = 1_000;
const receivedTime = 1_763_683_200_000_000_000n;
const heldBytesMax = 256 * 1024 * 1024;

const isQuick = process.env['BENCH_QUICK'] === '1';
/** Each figure is the median of this many rounds, in which all candidates take turns. */
const roundCount = isQuick ? 1 : 11;
/** The decoder makes more passes through the corpus, so that all rounds take about equally long. */
const passesOfDecoder = isQuick ? 1 : 10;

/** A pass through the corpus. Returns how many rows it had. */
type Pass = () => number;

/**
 * The requests lie in the decoder's memory, as in a ring. Each batch is cut, so that the time
 * includes everything up to the buffers.
 */
function decoderPass({ signal }: RivalSignal<never>, corpus: readonly Buffer[]): Pass {
  const number = signalNumber(signal);
  const path = new URL('../src/columns/decode/decoder.wasm', import.meta.url);
  const module = new WebAssembly.Module(readFileSync(path));
  const decoder = openRequestDecoder(module, createDecoderMemory());
  const frames = corpus.map((request) => {
    const address = decoder.reserve(request.length);
    decoder.bytes.set(request, address);
    return { address, bytes: request.length };
  });
  return () => {
    let rows = 0;
    for (const { address, bytes } of frames) {
      rows += decoder.decode(number, address, bytes, receivedTime, 0n, heldBytesMax);
      if (decoder.rows(number) < rowsPerBatch) continue;
      decoder.cut(number);
      decoder.reset(number);
    }
    return rows;
  };
}

function rivalPass<Item>(rival: RivalSignal<Item>, corpus: readonly Buffer[]): Pass {
  const columns = new BuilderColumns(rival);
  return () => {
    let rows = 0;
    for (const request of corpus) {
      rows += columns.decode(request, receivedTime, 0n);
      if (columns.rows >= rowsPerBatch) columns.finish();
    }
    return rows;
  };
}

/** The first half of the rival's work, for comparison. */
function objectsPass({ signal }: RivalSignal<never>, corpus: readonly Buffer[]): Pass {
  const type = requestType(signal);
  return () => {
    for (const request of corpus) type.decode(request);
    return corpus.length * rowsPerRequest;
  };
}

function rowsPerSecond(pass: Pass, passes: number): number {
  const startNs = process.hrtime.bigint();
  let rows = 0;
  for (let i = 0; i < passes; i++) rows += pass();
  return rows / (Number(process.hrtime.bigint() - startNs) / 1e9);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function print(name: string, value: string): void {
  console.log(`  ${name.padEnd(52)}${value.padStart(14)}`);
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function run<Item>({ rowsName, buildCorpus, rival }: Workload<Item>): void {
  const corpus = buildCorpus({ rowsPerRequest, requestCount: isQuick ? 10 : 40, seed: 1 });
  const ours = decoderPass(rival, corpus);
  const builders = rivalPass(rival, corpus);
  const objects = objectsPass(rival, corpus);
  const rounds = Array.from({ length: roundCount }, () => ({
    ours: rowsPerSecond(ours, passesOfDecoder),
    builders: rowsPerSecond(builders, 1),
    objects: rowsPerSecond(objects, 1),
  }));
  const oursMedian = median(rounds.map((round) => round.ours));
  const buildersMedian = median(rounds.map((round) => round.builders));
  const objectsMedian = median(rounds.map((round) => round.objects));

  const corpusBytes = corpus.reduce((sum, request) => sum + request.length, 0);
  const rowBytes = Math.round(corpusBytes / (corpus.length * rowsPerRequest));
  console.log(`${rowsName} of ${rowBytes} bytes, ${rowsPerRequest} a request, on one core`);
  print('decoder, into columns', `${count(oursMedian)} /s`);
  print('protobufjs, into builders of apache-arrow', `${count(buildersMedian)} /s`);
  print('protobufjs alone, into objects', `${count(objectsMedian)} /s`);
  print('decoder, times protobufjs with the builders', (oursMedian / buildersMedian).toFixed(1));
}

run(spanWorkload);
for (const workload of metricWorkloads) run(workload);
run(logWorkload);
