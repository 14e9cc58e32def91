/**
 * Measures the compressed size of a batch's buffers and the CPU time of compressing them. The rival
 * is zstd for all buffers.
 */
import { readFileSync } from 'node:fs';
import { BodyRegion } from '../src/columns/arrow/body-region.ts';
import { BodyWriter } from '../src/columns/arrow/body-writer.ts';
import { type CutEntry, entryKind, readCutTable } from '../src/columns/arrow/cut-table.ts';
import { nativeCompress, zstdLevel } from '../src/columns/arrow/zstd.ts';
import {
  createDecoderMemory,
  openRequestDecoder,
  type RequestDecoder,
} from '../src/columns/request-decoder.ts';
import { type Signal, signalNumber } from '../src/shared/signal.ts';
import { logWorkload } from './decode-logs.ts';
import { metricWorkloads } from './decode-metrics.ts';
import { spanWorkload } from './decode-spans.ts';
import type { Workload } from './decode-workload.ts';

/** The recorder's default batch size. */
const rowsPerBatch = 10_000;
const rowsPerRequest = 1_000;
const receivedTime = 1_763_683_200_000_000_000n;
const heldBytesMax = 256 * 1024 * 1024;

const isQuick = process.env['BENCH_QUICK'] === '1';
/** Each figure is the median of this many rounds, in which both candidates take turns. */
const roundCount = isQuick ? 1 : 15;
const passesPerRound = isQuick ? 1 : 20;

const compress = nativeCompress(zstdLevel);

/** Compresses some buffers. Returns the bytes that they then take in a body. */
type Pass = () => number;

function decodeBatch(signal: Signal, corpus: readonly Buffer[]): RequestDecoder {
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
  return decoder;
}

/**
 * Compresses as the recorder does: without the compressor where the shape is known, else with it.
 */
function archerPass(decoder: RequestDecoder, entries: readonly CutEntry[]): Pass {
  const region = new BodyRegion(decoder);
  return () => {
    const writer = new BodyWriter(decoder, region, compress);
    for (const entry of entries) writer.write(entry);
    return writer.end().byteLength;
  };
}

/** Compresses buffers that have been materialised before, as any other writer of Arrow would. */
function rivalPass(decoder: RequestDecoder, entries: readonly CutEntry[]): Pass {
  const contents = entries.map(({ entry, bytes }) => {
    const address = decoder.allocate(bytes + 32);
    decoder.materialise(address, entry);
    return Buffer.from(decoder.bytes.slice(address, address + bytes));
  });
  return () => contents.reduce((sum, content) => sum + 8 + compress(content).byteLength, 0);
}

interface Cost {
  readonly bytes: number;
  readonly cpuMicroseconds: number;
}

function measure(pass: Pass): Cost {
  const before = process.cpuUsage();
  let bytes = 0;
  for (let i = 0; i < passesPerRound; i++) bytes = pass();
  const { user, system } = process.cpuUsage(before);
  return { bytes, cpuMicroseconds: (user + system) / passesPerRound };
}

function median(costs: readonly Cost[]): Cost {
  return costs.toSorted((a, b) => a.cpuMicroseconds - b.cpuMicroseconds)[costs.length >> 1]!;
}

function run({ rowsName, buildCorpus, rival: { signal } }: Workload<never>): void {
  const requestCount = rowsPerBatch / rowsPerRequest;
  const decoder = decodeBatch(signal, buildCorpus({ rowsPerRequest, requestCount, seed: 1 }));
  const number = signalNumber(signal);
  const count = decoder.cut(number);
  const entries = readCutTable(decoder.memory.buffer, decoder.cutTable(), count);
  const kinds = Object.entries(entryKind).filter(([, kind]) => kind !== entryKind.node);
  console.log(`\n${rowsName} a batch of ${decoder.rows(number)}\n`);
  console.log('| buffers | | bytes a row, Archer | zstd | CPU µs a batch, Archer | zstd |');
  console.log('|---|---|---|---|---|---|');
  for (const [name, wanted] of [...kinds, ['all', -1] as const]) {
    const chosen = entries.filter(({ kind, bytes }) => {
      return bytes > 0 && kind !== entryKind.node && (wanted < 0 || kind === wanted);
    });
    if (chosen.length === 0) continue;
    const archer = archerPass(decoder, chosen);
    const rival = rivalPass(decoder, chosen);
    const rounds = Array.from({ length: roundCount }, () => [measure(archer), measure(rival)]);
    const ours = median(rounds.map((round) => round[0]!));
    const theirs = median(rounds.map((round) => round[1]!));
    const bytes = [ours, theirs].map((cost) => (cost.bytes / rowsPerBatch).toFixed(2));
    const times = [ours, theirs].map((cost) => cost.cpuMicroseconds.toFixed(0));
    console.log(`| ${[name, chosen.length, ...bytes, ...times].join(' | ')} |`);
  }
}

console.log(`Each compressed buffer by itself; zstd is the native one at level ${zstdLevel}.`);
for (const workload of [spanWorkload, logWorkload, ...metricWorkloads]) {
  run(workload as Workload<never>);
}
