/** Every reader sees in a segment what was sent: pyarrow, pandas, polars, nanoarrow, DuckDB, ClickHouse. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Table, tableFromIPC } from 'apache-arrow';
import { Table as ArrowRsTable } from 'parquet-wasm';
import { chooseSeed, TestRandom } from '../columns/random.ts';
import { RandomTraces } from '../columns/random-traces.ts';
import { referenceRows } from '../columns/reference-rows.ts';
import { cleanUp, makeFolder, type RecorderProcess, startRecorder } from '../recorder-process.ts';
import { runPython } from './python.ts';
import { segmentsIn } from './segments.ts';

const fixtures = fileURLToPath(new URL('../../../fixtures/requests', import.meta.url));
const randomRequestCount = 300;

/** Differ from run to run, and have tests of their own. */
const recorderColumns = new Set(['received_time', 'batch_id']);

after(cleanUp);

/** Captured requests of three SDKs, then random ones; those that protobufjs refuses are left out. */
function requestsToSend(seed: number): Uint8Array[] {
  const captured = readdirSync(fixtures)
    .filter((name) => name.endsWith('.pb'))
    .sort()
    .map((name) => readFileSync(join(fixtures, name)));
  const traces = new RandomTraces(new TestRandom(seed), { irregularity: 0.02 });
  const random = Array.from({ length: randomRequestCount }, () => traces.request());
  return [...captured, ...random].filter((request) => {
    try {
      return referenceRows(request).length > 0;
    } catch {
      return false;
    }
  });
}

async function send(recorder: RecorderProcess, requests: readonly Uint8Array[]): Promise<void> {
  for (const body of requests) {
    const response = await fetch(`http://127.0.0.1:${recorder.ports.http}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: new Uint8Array(body),
    });
    assert.equal(response.status, 200, await response.text());
  }
}

/** JSON has no 64-bit integers: they go as text. */
function writeExpected(requests: readonly Uint8Array[]): string {
  const rows = requests.flatMap((request) => referenceRows(request));
  const path = join(makeFolder(), 'expected.json');
  const text = JSON.stringify(rows, (name, value) => {
    if (recorderColumns.has(name)) return undefined;
    return typeof value === 'bigint' ? value.toString() : value;
  });
  writeFileSync(path, text);
  return path;
}

describe('readers', () => {
  for (const compression of ['zstd', 'none']) {
    it(`${compression}: the active segment and the sealed ones read back equal`, async (test) => {
      const seed = chooseSeed();
      test.diagnostic(`SEED=${seed}`);
      const requests = requestsToSend(seed);
      const expected = writeExpected(requests);
      const flags = ['--compression', compression, '--batch-max-rows', '500'];
      const recorder = await startRecorder([...flags, '--rotation-max-bytes', '256KiB']);
      await send(recorder, requests);
      await recorder.post('/api/flush');
      const active = await runPython(
        'read_segment.py',
        expected,
        ...segmentsIn(recorder.outputDir),
      );
      await recorder.stop();
      const segments = segmentsIn(recorder.outputDir);
      assert.ok(segments.length > 1, 'nothing was rotated');
      const sealed = await runPython('read_segment.py', expected, ...segments);
      for (const line of [...active.split('\n'), ...sealed.split('\n')]) test.diagnostic(line);
    });
  }

  it('none: arrow-rs reads what apache-arrow reads', async (test) => {
    const seed = chooseSeed();
    test.diagnostic(`SEED=${seed}`);
    const recorder = await startRecorder(['--compression', 'none']);
    await send(recorder, requestsToSend(seed));
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
});

function columnText(table: Table, name: string): string[] {
  const column = table.getChild(name);
  assert.ok(column !== null, name);
  const text = (_key: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value);
  return Array.from(column, (value) => JSON.stringify(value, text));
}
