/** What is exported is read by the readers of each format as it was sent. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { exportFormats } from '../../src/commands/export/export-format.ts';
import { RegularRequests } from '../columns/regular-requests.ts';
import { type SampledSignal, sampledSignals } from '../columns/sampled-signals.ts';
import { chooseSeed, TestRandom } from '../random.ts';
import {
  cleanUp,
  makeFolder,
  type RecorderProcess,
  runArcher,
  startRecorder,
} from '../recorder/recorder-process.ts';
import { runPython } from './python.ts';
import { segmentsIn } from './segments.ts';

const requestCount = 120;

after(cleanUp);

/** Regular ones, and such as no column can say all of; with rows, and text that is UTF-8. */
function requestsOf({ signal, Requests, rows }: SampledSignal, random: TestRandom): Uint8Array[] {
  const regular = new RegularRequests(random, signal);
  const irregular = new Requests(random, { irregularity: 0.02, isUtf8: true });
  const requests = Array.from({ length: requestCount }, (_, index) => {
    return index % 2 === 0 ? regular.request() : irregular.request();
  });
  return requests.filter((request) => {
    try {
      return rows(request).length > 0;
    } catch {
      return false;
    }
  });
}

/** In two segments. */
async function send(
  recorder: RecorderProcess,
  signal: string,
  requests: readonly Uint8Array[],
): Promise<void> {
  for (const [index, body] of requests.entries()) {
    const response = await fetch(`http://127.0.0.1:${recorder.ports.http}/v1/${signal}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: new Uint8Array(body),
    });
    assert.equal(response.status, 200, await response.text());
    if (index === requestCount / 4) await recorder.post('/api/rotate');
  }
}

function framed(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

describe('exports', () => {
  it('every format, every signal: read back equal', async (test) => {
    const seed = chooseSeed();
    test.diagnostic(`SEED=${seed}`);
    const random = new TestRandom(seed);
    const recorder = await startRecorder(['--batch-max-rows', '100']);
    const sent = new Map<string, Uint8Array[]>();
    for (const sampled of sampledSignals) {
      const requests = requestsOf(sampled, random);
      await send(recorder, sampled.signal, requests);
      sent.set(sampled.signal, requests);
    }
    await recorder.post('/api/flush');
    const folder = makeFolder();
    for (const format of Object.keys(exportFormats)) {
      const where = ['--output-dir', recorder.outputDir, '--output', folder];
      const { code, stderr } = await runArcher(['export', '--format', format, ...where]);
      assert.deepEqual([code, stderr], [0, '']);
    }
    for (const [signal, requests] of sent) {
      const path = join(makeFolder(), 'requests');
      writeFileSync(path, Buffer.concat(requests.map(framed)));
      const segments = segmentsIn(recorder.outputDir, [signal as 'traces']);
      const output = await runPython('read_exports.py', signal, folder, path, ...segments);
      for (const line of output.trimEnd().split('\n')) test.diagnostic(`${signal}: ${line}`);
    }
    await recorder.stop();
  });
});
