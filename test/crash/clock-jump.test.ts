/** The wall clock of a running recorder jumps ahead by a month, as after a boot without a clock. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { field, requestOf } from '../columns/wire-writer.ts';
import { readArchive } from '../query/recorded-rows.ts';
import {
  cleanUp,
  makeFolder,
  type RecorderProcess,
  startRecorder,
} from '../recorder/recorder-process.ts';

after(cleanUp);

/** Path of the library in Debian's package faketime that fakes the clock of a process. */
function faketimeLibrary(): string | undefined {
  const root = '/usr/lib';
  if (!existsSync(root)) return undefined;
  return readdirSync(root)
    .map((name) => join(root, name, 'faketime', 'libfaketimeMT.so.1'))
    .find((path) => existsSync(path));
}

/** Before this defect was fixed, the recorder did not answer for 10 s after such a jump. */
const jump = '30d';
const answerMsMax = 3_000;

async function send({ ports }: RecorderProcess, name: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${ports.http}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(requestOf(field(5, name))),
  });
  await response.arrayBuffer();
  return response.status;
}

/** Returns the longest time in ms that /health takes to answer during this many ms. */
async function slowestHealth({ ports }: RecorderProcess, forMs: number): Promise<number> {
  const url = `http://127.0.0.1:${ports.dashboard}/health`;
  let slowestMs = 0;
  for (const start = performance.now(); performance.now() - start < forMs; await sleep(100)) {
    const asked = performance.now();
    await (await fetch(url)).arrayBuffer();
    slowestMs = Math.max(slowestMs, performance.now() - asked);
  }
  return slowestMs;
}

describe('a clock that jumps ahead', () => {
  const library = faketimeLibrary();
  it('costs one sweep, and deletes nothing that was received a moment ago', async (test) => {
    if (library === undefined) {
      test.diagnostic('NOT RUN: libfaketime is not installed (Debian package faketime)');
      return;
    }
    const offset = join(makeFolder(), 'offset');
    writeFileSync(offset, `-${jump}\n`);
    const flags = ['--batch-max-age', '100ms', '--retention-schedule', '* * * * * *'];
    const recorder = await startRecorder(flags, makeFolder(), {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: offset,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    });
    assert.equal(await send(recorder, 'before'), 200);
    await recorder.post('/api/rotate');
    writeFileSync(offset, '+0\n');
    const slowestMs = await slowestHealth(recorder, 6_000);
    assert.ok(slowestMs < answerMsMax, `/health took ${slowestMs} ms`);
    assert.equal(await send(recorder, 'after'), 200);
    assert.equal((await recorder.stop()).code, 0, recorder.stderr());
    const names = readArchive(recorder.outputDir).map(({ name }) => name);
    assert.deepEqual(names.sort(), ['after', 'before']);
    assert.equal(recorder.stderr().match(/clock/g)?.length, 1, recorder.stderr());
  });
});
