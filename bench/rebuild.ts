/**
 * Measures how fast rows become requests again. The rival is apache-arrow's rows encoded by
 * protobufjs.
 */
import { readFileSync } from 'node:fs';
import { type Data, RecordBatchReader } from 'apache-arrow';
import { BatchEncoder } from '../src/columns/arrow/batch-encoder.ts';
import { createDecoderMemory, openRequestDecoder } from '../src/columns/request-decoder.ts';
import { RequestRebuilder } from '../src/columns/request-rebuilder.ts';
import type { ArrowBatch } from '../src/shared/arrow-batch.ts';
import type { EncodedBatch } from '../src/shared/encoded-batch.ts';
import { type Signal, signalNumber } from '../src/shared/signal.ts';
import { archiveBatch, archiveColumns } from '../test/columns/archive-batch.ts';
import { streamOf } from '../test/columns/arrow-batch.ts';
import { logWorkload } from './decode-logs.ts';
import { metricWorkloads } from './decode-metrics.ts';
import { spanWorkload } from './decode-spans.ts';
import type { Workload } from './decode-workload.ts';
import { rebuildPlainly } from './rebuild-rival.ts';

/** The recorder's default batch size. */
const rowsPerBatch = 10_000;
const rowsPerRequest = 1_000;
const receivedTime = 1_763_683_200_000_000_000n;
const heldBytesMax = 256 * 1024 * 1024;

const isQuick = process.env['BENCH_QUICK'] === '1';
/** Each figure is the median of this many rounds, in which both candidates take turns. */
const roundCount = isQuick ? 1 : 11;
/**
 * The rebuilder makes more passes through the batch, so that both rounds take about equally long.
 */
const passesOfWriter = isQuick ? 1 : 10;

/** A pass through the batch. Returns how many bytes the requests have. */
type Pass = () => number;

/** Returns one uncompressed batch, as the recorder writes it. */
function encodeBatch(signal: Signal, corpus: readonly Buffer[]): EncodedBatch {
  const number = signalNumber(signal);
  const path = new URL('../src/columns/decode/decoder.wasm', import.meta.url);
  const module = new WebAssembly.Module(readFileSync(path));
  const decoder = openRequestDecoder(module, createDecoderMemory());
  for (const [index, request] of corpus.entries()) {
    const address = decoder.reserve(request.length);
    decoder.bytes.set(request, address);
    const batchId = BigInt(index + 1);
    decoder.decode(number, address, request.length, receivedTime, batchId, heldBytesMax);
  }
  const unused = () => new Uint8Array(0);
  return new BatchEncoder(decoder, 'none', unused).encode(signal);
}

/** Returns the batch with its buffers as a file's reader would provide them. */
function toArrowBatch(signal: Signal, { rows, buffers, body }: EncodedBatch): ArrowBatch {
  const copy = Buffer.from(body);
  const contents = Array.from({ length: buffers.length / 2 }, (_, index) => {
    const offset = buffers[index * 2]!;
    return copy.subarray(offset, offset + buffers[index * 2 + 1]!);
  });
  return archiveBatch(rows, archiveColumns(signal, { nodes: [], buffers: contents }));
}

function writerPass(signal: Signal, batch: ArrowBatch): Pass {
  const writer = new RequestRebuilder(signal);
  return () => {
    let bytes = 0;
    for (const item of writer.rebuild(batch)) {
      if (item.kind === 'request') bytes += item.bytes.length;
    }
    return bytes;
  };
}

function rivalPass(signal: Signal, batch: Data): Pass {
  return () => rebuildPlainly(signal, batch).reduce((sum, bytes) => sum + bytes.length, 0);
}

/**
 * Rows per second of CPU time, all threads together. On a busy machine this is more reliable than
 * the clock.
 */
function rowsPerSecond(pass: Pass, passes: number): number {
  const before = process.cpuUsage();
  for (let i = 0; i < passes; i++) pass();
  const { user, system } = process.cpuUsage(before);
  return (rowsPerBatch * passes) / ((user + system) / 1e6);
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
  const { signal } = rival;
  const requestCount = rowsPerBatch / rowsPerRequest;
  const corpus = buildCorpus({ rowsPerRequest, requestCount, seed: 1 });
  const corpusBytes = corpus.reduce((sum, request) => sum + request.length, 0);
  const batch = encodeBatch(signal, corpus);
  if (batch.rows !== rowsPerBatch) throw new Error(`${batch.rows} rows in the batch`);
  const [recordBatch] = [...RecordBatchReader.from(streamOf(batch, signal))];
  const ours = writerPass(signal, toArrowBatch(signal, batch));
  const plain = rivalPass(signal, recordBatch!.data);
  // The bench's requests are canonical, so the bytes must be equal. The rival turns some doubles
  // into integers; this is not checked.
  const bytes = ours();
  if (bytes !== corpusBytes) throw new Error(`${bytes} bytes come back of ${corpusBytes}`);
  const rounds = Array.from({ length: roundCount }, () => ({
    ours: rowsPerSecond(ours, passesOfWriter),
    plain: rowsPerSecond(plain, 1),
  }));
  const oursMedian = median(rounds.map((round) => round.ours));
  const plainMedian = median(rounds.map((round) => round.plain));
  const rowBytes = Math.round(corpusBytes / rowsPerBatch);
  console.log(`${rowsName} of ${rowBytes} bytes, ${rowsPerRequest} a request, per second of CPU`);
  print('writer, from columns', `${count(oursMedian)} /s`);
  print('rows of apache-arrow, encoded by protobufjs', `${count(plainMedian)} /s`);
  print('writer, times apache-arrow with protobufjs', (oursMedian / plainMedian).toFixed(1));
}

run(spanWorkload);
// This workload has number points, because the rival rebuilds no histograms.
run(metricWorkloads[0]!);
run(logWorkload);
