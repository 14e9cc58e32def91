/** A recorder from outside: requests go in over real sockets, Arrow files come out. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { listSegments } from '../../src/disk/catalogue/catalogue.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { type Signal, signals } from '../../src/shared/signal.ts';
import { referenceRows } from '../columns/reference-rows.ts';
import { sampledSignals } from '../columns/sampled-signals.ts';
import { type ArchiveRow, readArchive, readSignal } from '../query/recorded-rows.ts';
import {
  cleanUp,
  makeFolder,
  type RecorderProcess,
  runArcher,
  startRecorder,
} from './recorder-process.ts';

const fixtures = fileURLToPath(new URL('../../../fixtures/requests', import.meta.url));
const request = readFileSync(join(fixtures, 'go-sdk-traces.pb'));
const spanCount = referenceRows(request).length;

after(cleanUp);

function post(
  recorder: RecorderProcess,
  body: Uint8Array,
  signal: Signal = 'traces',
): Promise<Response> {
  return fetch(`http://127.0.0.1:${recorder.ports.http}/v1/${signal}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(body),
  });
}

async function counts(recorder: RecorderProcess): Promise<Record<string, number>> {
  const answer = await fetch(`http://127.0.0.1:${recorder.ports.dashboard}/metrics`);
  const lines = (await answer.text()).split('\n').filter((line) => line.startsWith('archer_'));
  return Object.fromEntries(
    lines.map((line) => {
      const [series = '', value] = line.split(' ');
      return [series.replace('archer_', ''), Number(value)];
    }),
  );
}

function assertIdentity(found: Record<string, number>, signal: Signal = 'traces'): void {
  const label = `{signal="${signal}"}`;
  const rejected = Object.entries(found)
    .filter(([series]) => series.startsWith(`rejected_total{signal="${signal}"`))
    .reduce((sum, [, value]) => sum + value, 0);
  const accounted = (found[`archived_total${label}`] ?? 0) + (found[`pending${label}`] ?? 0);
  assert.equal(found[`received_total${label}`], accounted + rejected);
}

function batchIds(rows: readonly ArchiveRow[]): bigint[] {
  return [...new Set(rows.map((row) => row.batch_id))];
}

describe('recorder', () => {
  it('a span is in a file at most batch.max_age after its acknowledgement', async () => {
    const recorder = await startRecorder(['--batch-max-age', '200ms']);
    assert.equal((await post(recorder, request)).status, 200);
    const acknowledgedMs = performance.now();
    while (readArchive(recorder.outputDir).length < spanCount) {
      assert.ok(performance.now() - acknowledgedMs < 5_000, 'the batch was not cut');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await recorder.stop();
  });

  it('flush, rotate and stop: what was acknowledged can be read, and is sealed', async () => {
    const recorder = await startRecorder();
    await post(recorder, request);
    assert.deepEqual(await recorder.post('/api/flush'), { rows: { traces: spanCount } });
    assert.equal(readArchive(recorder.outputDir).length, spanCount);
    assert.deepEqual(await recorder.post('/api/flush'), { rows: {} });
    await post(recorder, request);
    const rotated = (await recorder.post('/api/rotate')) as { sealed: string[] };
    assert.equal(rotated.sealed.length, 1);
    assert.equal(readArchive(recorder.outputDir).length, 2 * spanCount);
    await post(recorder, request);
    const { code, lines } = await recorder.stop();
    assert.equal(code, 0);
    const stopped = JSON.parse(lines.at(-1) ?? '');
    assert.deepEqual(stopped.rows, { traces: 3 * spanCount });
    assert.equal(stopped.segments, 2);
    const segments = listSegments(nodeStorage, recorder.outputDir, ['traces']);
    assert.deepEqual(
      segments.map(({ state }) => state),
      ['sealed', 'sealed'],
    );
    assert.equal(readArchive(recorder.outputDir).length, 3 * spanCount);
  });

  it('metrics: received = archived + rejected + pending, and requests by code', async () => {
    const recorder = await startRecorder();
    await post(recorder, request);
    const pending = await counts(recorder);
    assertIdentity(pending);
    assert.equal(pending['pending{signal="traces"}'], spanCount);
    await recorder.post('/api/flush');
    assert.equal((await post(recorder, Buffer.from([0xff]))).status, 400);
    const archived = await counts(recorder);
    assertIdentity(archived);
    assert.equal(archived['archived_total{signal="traces"}'], spanCount);
    assert.equal(archived['requests_total{signal="traces",transport="http",code="200"}'], 1);
    assert.equal(archived['requests_total{signal="traces",transport="http",code="400"}'], 1);
    await recorder.stop();
  });

  it('a malformed request leaves nothing behind, whatever came before and after it', async () => {
    const recorder = await startRecorder();
    await post(recorder, request);
    const torn = request.subarray(0, request.length - 1);
    assert.equal((await post(recorder, torn)).status, 400);
    await post(recorder, request);
    await recorder.stop();
    assert.equal(readArchive(recorder.outputDir).length, 2 * spanCount);
  });

  it('a frame larger than half a ring is recorded, and one above the limit refused', async () => {
    const flags = ['--ring-bytes', '64KiB', '--max-request-bytes', '1MiB'];
    const recorder = await startRecorder([...flags, '--max-inflight-bytes', '4MiB']);
    const copies = Math.ceil((500 * 1024) / request.length);
    const large = Buffer.concat(Array.from({ length: copies }, () => request));
    assert.equal((await post(recorder, large)).status, 200);
    const tooLarge = Buffer.concat(Array.from({ length: 3 * copies }, () => request));
    assert.equal((await post(recorder, tooLarge)).status, 413);
    await recorder.stop();
    assert.equal(readArchive(recorder.outputDir).length, copies * spanCount);
  });

  it('a request that alone exceeds batch.max_bytes is refused, one that does not fit is cut before', async () => {
    const recorder = await startRecorder(['--batch-max-bytes', '1MiB']);
    const copies = Math.ceil((600 * 1024) / request.length);
    const large = Buffer.concat(Array.from({ length: copies }, () => request));
    const answers: number[] = [];
    for (let count = 0; count < 4; count++) answers.push((await post(recorder, request)).status);
    const refused = await post(recorder, Buffer.concat([large, large, large]));
    answers.push((await post(recorder, request)).status);
    assert.deepEqual(answers, [200, 200, 200, 200, 200]);
    assert.equal(refused.status, 413);
    await recorder.stop();
    assert.equal(readArchive(recorder.outputDir).length, 5 * spanCount);
  });

  it('restart: batch ids and segment numbers go on rising', async () => {
    const outputDir = makeFolder();
    const runs: { ids: bigint[]; numbers: number[] }[] = [];
    for (let run = 0; run < 3; run++) {
      const recorder = await startRecorder([], outputDir);
      await post(recorder, request);
      await post(recorder, request);
      await recorder.stop();
      const segments = listSegments(nodeStorage, outputDir, ['traces']);
      const numbers = segments.map(({ number }) => number);
      runs.push({ ids: batchIds(readArchive(outputDir)), numbers });
    }
    assert.deepEqual(runs.at(-1)?.numbers, [1, 2, 3]);
    assert.deepEqual(runs.at(-1)?.ids, [1n, 2n, 3n, 4n, 5n, 6n]);
  });

  it('kill -9: what was flushed stays readable, and the next run goes on in a new segment', async () => {
    const outputDir = makeFolder();
    const killed = await startRecorder([], outputDir);
    await post(killed, request);
    await killed.post('/api/flush');
    assert.equal((await killed.stop('SIGKILL')).code, null);
    const next = await startRecorder([], outputDir);
    await post(next, request);
    await next.stop();
    const segments = listSegments(nodeStorage, outputDir, ['traces']);
    assert.deepEqual(
      segments.map(({ state }) => state),
      ['sealed', 'sealed'],
    );
    assert.deepEqual(batchIds(readArchive(outputDir)), [1n, 2n]);
  });

  it('every signal: recorded into a folder of its own, counted, listed and verified', async () => {
    const recorder = await startRecorder();
    const expected: Record<string, number> = {};
    for (const { signal, rows } of sampledSignals) {
      for (const sdk of ['js', 'python']) {
        const body = readFileSync(join(fixtures, `${sdk}-sdk-${signal}.pb`));
        assert.equal((await post(recorder, body, signal)).status, 200);
        expected[signal] = (expected[signal] ?? 0) + rows(body).length;
      }
    }
    const pending = await counts(recorder);
    for (const signal of signals) {
      assertIdentity(pending, signal);
      assert.equal(pending[`pending{signal="${signal}"}`], expected[signal]);
    }
    assert.deepEqual(await recorder.post('/api/flush'), { rows: expected });
    const archived = await counts(recorder);
    for (const signal of signals) {
      assertIdentity(archived, signal);
      assert.equal(archived[`archived_total{signal="${signal}"}`], expected[signal]);
      assert.equal(readSignal(recorder.outputDir, signal).length, expected[signal]);
    }
    const { lines } = await recorder.stop();
    assert.deepEqual(JSON.parse(lines.at(-1) ?? '').rows, expected);
    const listed = await runArcher(['ls', '--json', '--output-dir', recorder.outputDir]);
    const segments: { signal: string; rows: number; state: string }[] = JSON.parse(listed.stdout);
    assert.deepEqual(
      segments.map(({ signal, rows, state }) => [signal, rows, state]).sort(),
      signals.map((signal) => [signal, expected[signal], 'sealed']).sort(),
    );
    const verified = await runArcher(['verify', recorder.outputDir]);
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
  });

  it('every signal: one that is malformed leaves nothing behind, and harms no other', async () => {
    const recorder = await startRecorder();
    for (const signal of signals) {
      const body = readFileSync(join(fixtures, `python-sdk-${signal}.pb`));
      const torn = body.subarray(0, body.length - 1);
      assert.equal((await post(recorder, torn, signal)).status, 400, signal);
      assert.equal((await post(recorder, body, signal)).status, 200, signal);
      assert.equal((await post(recorder, torn, signal)).status, 400, signal);
    }
    await recorder.stop();
    for (const { signal, rows } of sampledSignals) {
      const body = readFileSync(join(fixtures, `python-sdk-${signal}.pb`));
      assert.equal(readSignal(recorder.outputDir, signal).length, rows(body).length, signal);
    }
  });

  it('kill -9: what was acknowledged of every signal is there after the next start', async () => {
    const outputDir = makeFolder();
    const killed = await startRecorder(['--batch-max-age', '1h'], outputDir);
    for (const signal of signals) {
      const body = readFileSync(join(fixtures, `js-sdk-${signal}.pb`));
      assert.equal((await post(killed, body, signal)).status, 200);
    }
    await killed.stop('SIGKILL');
    await (await startRecorder([], outputDir)).stop();
    for (const { signal, rows } of sampledSignals) {
      const body = readFileSync(join(fixtures, `js-sdk-${signal}.pb`));
      assert.equal(readSignal(outputDir, signal).length, rows(body).length, signal);
    }
  });

  it('a port in use: exit 1 and one line with the remedy, and nothing keeps running', async () => {
    const first = await startRecorder();
    const port = String(first.ports.http);
    const again = startRecorder(['--http-port', port]);
    await assert.rejects(
      again,
      /ended with 1: .*ERR_ARCHER_PORT_IN_USE.*http\.port .* is in use.*--http-port/,
    );
    const dashboard = startRecorder(['--dashboard-port', String(first.ports.dashboard)]);
    await assert.rejects(dashboard, /it ended with 1: .*dashboard\.port .* is in use/s);
    await first.stop();
  });

  it('an output directory that cannot be made: exit 1, naming it', async () => {
    const file = join(makeFolder(), 'file');
    writeFileSync(file, '');
    await assert.rejects(startRecorder([], join(file, 'output')), /output_dir .*file.output/);
  });
});
