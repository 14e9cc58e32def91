/** Every reader sees in a segment what was sent: pyarrow, pandas, polars, nanoarrow, DuckDB, ClickHouse. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Table, tableFromIPC } from 'apache-arrow';
import { Table as ArrowRsTable } from 'parquet-wasm';
import type { Signal } from '../../src/shared/signal.ts';
import { type SampledSignal, sampledSignals } from '../columns/sampled-signals.ts';
import { chooseSeed, TestRandom } from '../random.ts';
import {
  cleanUp,
  makeFolder,
  type RecorderProcess,
  startRecorder,
} from '../recorder/recorder-process.ts';
import { runPython } from './python.ts';
import { segmentsIn } from './segments.ts';

const fixtures = fileURLToPath(new URL('../../../fixtures/requests', import.meta.url));
const randomRequestCount = 300;

/** Differ from run to run, and have tests of their own. */
const recorderColumns = new Set(['received_time', 'batch_id']);

after(cleanUp);

/**
 * Captured requests of three SDKs, then random ones, in every second of which all text is UTF-8:
 * Python's protobuf refuses other text. Those that protobufjs refuses are left out.
 */
function requestsToSend({ signal, Requests, rows }: SampledSignal, seed: number): Uint8Array[] {
  const captured = readdirSync(fixtures)
    .filter((name) => name.includes(`-${signal}`) && name.endsWith('.pb'))
    .sort()
    .map((name) => readFileSync(join(fixtures, name)));
  const chance = new TestRandom(seed);
  const samples = [false, true].map((isUtf8) => {
    return new Requests(chance, { irregularity: 0.02, isUtf8 });
  });
  const random = Array.from({ length: randomRequestCount }, (_, i) => samples[i % 2]!.request());
  return [...captured, ...random].filter((request) => {
    try {
      return rows(request).length > 0;
    } catch {
      return false;
    }
  });
}

async function send(
  recorder: RecorderProcess,
  signal: Signal,
  requests: readonly Uint8Array[],
): Promise<void> {
  for (const body of requests) {
    const response = await fetch(`http://127.0.0.1:${recorder.ports.http}/v1/${signal}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: new Uint8Array(body),
    });
    assert.equal(response.status, 200, await response.text());
  }
}

/** What was sent of a signal, and the files that the scripts compare the segments with. */
interface Sent {
  readonly signal: Signal;
  readonly rowsPath: string;
  readonly requestsPath: string;
}

async function sendSamples(
  recorder: RecorderProcess,
  sampled: SampledSignal,
  seed: number,
): Promise<Sent> {
  const { signal, rows } = sampled;
  const requests = requestsToSend(sampled, seed);
  await send(recorder, signal, requests);
  const rowsPath = writeRows(requests.flatMap((request) => rows(request)));
  return { signal, rowsPath, requestsPath: writeRequests(requests) };
}

/** JSON has no 64-bit integers, NaN, infinities and -0: they go as text. */
function writeRows(rows: readonly object[]): string {
  const path = join(makeFolder(), 'rows.json');
  const text = JSON.stringify(rows, (name, value) => {
    if (recorderColumns.has(name)) return undefined;
    if (Object.is(value, -0)) return '-0';
    return typeof value === 'bigint' || isNotFinite(value) ? String(value) : value;
  });
  writeFileSync(path, text);
  return path;
}

function isNotFinite(value: unknown): boolean {
  return typeof value === 'number' && !Number.isFinite(value);
}

/** Each behind its length. */
function writeRequests(requests: readonly Uint8Array[]): string {
  const path = join(makeFolder(), 'requests');
  const parts = requests.flatMap((request) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(request.length);
    return [length, request];
  });
  writeFileSync(path, Buffer.concat(parts));
  return path;
}

/** Holds the segments of what was sent to protobufjs and, reader by reader, to each other. */
async function compareReaders(
  test: TestContext,
  outputDir: string,
  samples: readonly Sent[],
): Promise<void> {
  const groups = samples.map(({ signal, rowsPath }) => {
    return [rowsPath, ...segmentsIn(outputDir, [signal])];
  });
  const args = groups.flatMap((group, index) => (index === 0 ? group : ['--', ...group]));
  report(test, await runPython('read_segment.py', ...args));
}

/** Holds them to Python's protobuf. */
async function compareProtobuf(
  test: TestContext,
  outputDir: string,
  { signal, requestsPath }: Sent,
): Promise<void> {
  const segments = segmentsIn(outputDir, [signal]);
  assert.ok(segments.length > 1, `no ${signal} were rotated`);
  report(test, await runPython('compare_protobuf.py', signal, requestsPath, ...segments));
}

function report(test: TestContext, output: string): void {
  for (const line of output.trimEnd().split('\n')) test.diagnostic(line);
}

describe('readers', () => {
  for (const compression of ['zstd', 'none']) {
    it(`${compression}: the active segments and the sealed ones read back equal`, async (test) => {
      const seed = chooseSeed();
      test.diagnostic(`SEED=${seed}`);
      const flags = ['--compression', compression, '--batch-max-rows', '500'];
      const recorder = await startRecorder([...flags, '--rotation-max-bytes', '128KiB']);
      const { outputDir } = recorder;
      const samples: Sent[] = [];
      for (const sampled of sampledSignals)
        samples.push(await sendSamples(recorder, sampled, seed));
      await recorder.post('/api/flush');
      await compareReaders(test, outputDir, samples);
      await recorder.stop();
      await compareReaders(test, outputDir, samples);
      for (const sent of samples) await compareProtobuf(test, outputDir, sent);
    });
  }

  for (const sampled of sampledSignals) {
    it(`none: arrow-rs reads ${sampled.signal} as apache-arrow does`, async (test) => {
      const seed = chooseSeed();
      test.diagnostic(`SEED=${seed}`);
      const recorder = await startRecorder(['--compression', 'none']);
      await send(recorder, sampled.signal, requestsToSend(sampled, seed));
      await recorder.stop();
      const [segment] = segmentsIn(recorder.outputDir);
      const bytes = readFileSync(segment ?? '');
      const expected: Table = tableFromIPC(bytes);
      const found: Table = tableFromIPC(ArrowRsTable.fromIPCStream(bytes).intoIPCStream());
      assert.ok(expected.numRows > randomRequestCount);
      assert.equal(found.numRows, expected.numRows);
      for (const { name } of expected.schema.fields) {
        assert.deepEqual(columnText(found, name), columnText(expected, name), name);
      }
    });
  }
});

function columnText(table: Table, name: string): string[] {
  const column = table.getChild(name);
  assert.ok(column !== null, name);
  const text = (_key: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value);
  return Array.from(column, (value) => JSON.stringify(value, text));
}
