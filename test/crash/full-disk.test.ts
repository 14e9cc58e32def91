/**
 * A recorder that starts on a full disk waits, logs the reason, and records once there is space.
 */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
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
import type { KillPoint } from './kill-point.ts';
import { sampleCases } from './sample.ts';

const hook = new URL('./kill-hook.js', import.meta.url).href;
const flags = ['--batch-max-age', '1h', '--compression', 'none'];

/** The recorder tries again every second; this allows ten times as long. */
const triedMsMax = 10_000;

after(cleanUp);

async function send({ ports }: RecorderProcess, name: string): Promise<Response> {
  const response = await fetch(`http://127.0.0.1:${ports.http}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(requestOf(field(5, name))),
  });
  await response.arrayBuffer();
  return response;
}

async function health({ ports }: RecorderProcess) {
  const response = await fetch(`http://127.0.0.1:${ports.dashboard}/health`);
  return { code: response.status, text: await response.text() };
}

async function startOnFullDisk(outputDir: string, path: string) {
  const marker = join(makeFolder(), 'full');
  writeFileSync(marker, '');
  const point: KillPoint = { call: 'write', path, nth: 1, when: 'full', marker };
  const recorder = await startRecorder(flags, outputDir, {
    NODE_OPTIONS: `--import=${hook}`,
    ARCHER_KILL_POINT: JSON.stringify(point),
  });
  return { recorder, makeRoom: () => rmSync(marker) };
}

async function leftByKill(): Promise<string> {
  const recorder = await startRecorder(flags);
  assert.equal((await send(recorder, 'in the log')).status, 200);
  await recorder.stop('SIGKILL');
  return recorder.outputDir;
}

const firstWrites = {
  'the lock': 'lock',
  'the id': 'id',
  'the checkpoint': 'checkpoint',
  'the log': String.raw`\.log`,
  'a recovered batch': String.raw`\.arrow`,
};

describe('a disk that is full at the start', () => {
  for (const [what, path] of sampleCases(firstWrites, 2)) {
    it(`${what} cannot be written: refused meanwhile, recorded by itself afterwards`, async () => {
      const isRecovery = what === 'a recovered batch';
      const outputDir = isRecovery ? await leftByKill() : makeFolder();
      const { recorder, makeRoom } = await startOnFullDisk(outputDir, path);
      const refused = await send(recorder, 'refused');
      assert.equal(refused.status, 503, recorder.stderr());
      assert.ok(refused.headers.get('retry-after') !== null);
      const failing = await health(recorder);
      assert.equal(failing.code, 503);
      assert.match(failing.text, /ENOSPC: no space left on device/);
      await sleep(2_200);
      assert.equal(recorder.stderr().match(/requests are refused until/g)?.length, 1);
      makeRoom();
      let status = 0;
      for (let ms = 0; ms < triedMsMax && status !== 200; ms += 100) {
        await sleep(100);
        status = (await send(recorder, 'after')).status;
      }
      assert.equal(status, 200, recorder.stderr());
      assert.equal((await health(recorder)).code, 200);
      assert.match(recorder.stderr(), /the disk takes what is written again/);
      assert.equal((await recorder.stop()).code, 0);
      const names = readArchive(outputDir).map(({ name }) => name);
      assert.deepEqual(names, isRecovery ? ['in the log', 'after'] : ['after']);
    });
  }

  const stops = { 'the lock': 'lock', 'the log': String.raw`\.log` };
  for (const [what, path] of sampleCases(stops, 1)) {
    it(`stopped while it waits for ${what}: ends with 0, and what the log holds stays`, async () => {
      const outputDir = await leftByKill();
      const { recorder } = await startOnFullDisk(outputDir, `${path}|\\.arrow`);
      assert.equal((await health(recorder)).code, 503);
      assert.equal((await recorder.stop()).code, 0, recorder.stderr());
      const next = await startRecorder(flags, outputDir);
      await next.stop();
      assert.deepEqual(
        readArchive(outputDir).map(({ name }) => name),
        ['in the log'],
      );
    });
  }
});
