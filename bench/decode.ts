/** How fast requests become columns, beside protobufjs with apache-arrow's builders. */
import { readFileSync } from 'node:fs';
import { createDecoderMemory, openRequestDecoder } from '../src/columns/request-decoder.ts';
import { requestType } from '../src/shared/otlp-messages.ts';
import { buildCorpus } from './corpus.ts';
import { BuilderColumns } from './decode-rival.ts';

/** As the recorder cuts its batches. */
const rowsPerBatch = 10_000;
const spansPerRequest = 1_000;
const receivedTime = 1_763_683_200_000_000_000n;
const heldBytesMax = 256 * 1024 * 1024;

const isQuick = process.env['BENCH_QUICK'] === '1';
/** Each figure is the median of so many rounds, in which both take turns. */
const roundCount = isQuick ? 1 : 11;
/** The decoder goes through the corpus more often, so that both rounds take about as long. */
const passesOfDecoder = isQuick ? 1 : 10;

const corpus = buildCorpus({ spansPerRequest, requestCount: isQuick ? 10 : 40, seed: 1 });
const corpusBytes = corpus.reduce((sum, request) => sum + request.length, 0);

/** A pass through the corpus; gives back how many spans it was. */
type Pass = () => number;

/** Requests lie where a ring would hold them; each batch is cut, so that its buffers are known. */
function decoderPass(): Pass {
  const path = new URL('../src/columns/decoder/decoder.wasm', import.meta.url);
  const module = new WebAssembly.Module(readFileSync(path));
  const decoder = openRequestDecoder(module, createDecoderMemory());
  const frames = corpus.map((request) => {
    const address = decoder.reserve(request.length);
    decoder.bytes.set(request, address);
    return { address, bytes: request.length };
  });
  return () => {
    let spans = 0;
    for (const { address, bytes } of frames) {
      spans += decoder.decode('traces', address, bytes, receivedTime, 0n, heldBytesMax);
      if (decoder.rows('traces') < rowsPerBatch) continue;
      decoder.cut('traces');
      decoder.reset('traces');
    }
    return spans;
  };
}

function rivalPass(): Pass {
  const columns = new BuilderColumns();
  return () => {
    let spans = 0;
    for (const request of corpus) {
      spans += columns.decode(request, receivedTime, 0n);
      if (columns.rows >= rowsPerBatch) columns.finish();
    }
    return spans;
  };
}

/** The first half of the rival's work, for comparison. */
function objectsPass(): Pass {
  const type = requestType('traces');
  return () => {
    for (const request of corpus) type.decode(request);
    return corpus.length * spansPerRequest;
  };
}

function spansPerSecond(pass: Pass, passes: number): number {
  const startNs = process.hrtime.bigint();
  let spans = 0;
  for (let i = 0; i < passes; i++) spans += pass();
  return spans / (Number(process.hrtime.bigint() - startNs) / 1e9);
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

const ours = decoderPass();
const rival = rivalPass();
const objects = objectsPass();
const rounds = Array.from({ length: roundCount }, () => ({
  ours: spansPerSecond(ours, passesOfDecoder),
  rival: spansPerSecond(rival, 1),
  objects: spansPerSecond(objects, 1),
}));
const oursMedian = median(rounds.map((round) => round.ours));
const rivalMedian = median(rounds.map((round) => round.rival));

const spanBytes = Math.round(corpusBytes / (corpus.length * spansPerRequest));
console.log(`spans of ${spanBytes} bytes, ${spansPerRequest} a request, on one core`);
print('decoder, into columns', `${count(oursMedian)} /s`);
print('protobufjs, into builders of apache-arrow', `${count(rivalMedian)} /s`);
print(
  'protobufjs alone, into objects',
  `${count(median(rounds.map((round) => round.objects)))} /s`,
);
print('decoder, times protobufjs with the builders', (oursMedian / rivalMedian).toFixed(1));
