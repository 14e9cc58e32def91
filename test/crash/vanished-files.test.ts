/** Files are deleted under a recorder, which is then killed while it creates them again. */
import assert from 'node:assert/strict';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { segmentFiles } from '../../src/disk/segment/segment-files.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
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
const segment = String.raw`\.arrow$`;
const log = String.raw`wal/lane-0/\d+\.log$`;

/** A batch is written only when the test requests it. */
const flags = ['--batch-max-age', '1h', '--compression', 'none'];

/** The lane checks its files every second; this allows ten times as long. */
const lookMsMax = 10_000;

after(cleanUp);

async function send(port: number, name: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(requestOf(field(5, name))),
  });
  await response.arrayBuffer();
  assert.equal(response.status, 200, name);
}

async function sendAll(recorder: RecorderProcess, names: readonly string[]): Promise<void> {
  for (const name of names) await send(recorder.ports.http, name);
}

const named = (what: string) => Array.from({ length: 20 }, (_, index) => `${what} ${index}`);
const flushed = named('flushed');
const held = named('held');

/** Deletes files when some rows are in a segment and others only in the log. */
async function recordAndLose(
  point: Omit<KillPoint, 'nth' | 'armedBy'> | undefined,
  lose: (outputDir: string, active: string) => void,
) {
  const armedBy = join(makeFolder(), 'armed');
  const environment = {
    NODE_OPTIONS: `--import=${hook}`,
    ARCHER_KILL_POINT: JSON.stringify({ ...point, nth: 1, armedBy }),
  };
  const recorder = await startRecorder(flags, undefined, point === undefined ? {} : environment);
  const { outputDir, child } = recorder;
  await sendAll(recorder, flushed);
  await recorder.post('/api/flush');
  await sendAll(recorder, held);
  const active = segmentFiles(nodeStorage, outputDir, ['traces']).at(-1)!.path;
  const ended = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
  writeFileSync(armedBy, '');
  lose(outputDir, active);
  return { recorder, outputDir, ended };
}

async function recover(outputDir: string): Promise<void> {
  const recorder = await startRecorder(flags, outputDir);
  assert.equal((await recorder.stop()).code, 0, recorder.stderr());
}

const namesIn = (outputDir: string) => readArchive(outputDir).map(({ name }) => name);

function deleteActive(outputDir: string, active: string): void {
  rmSync(join(outputDir, active));
}

function deletePrivateFolder(outputDir: string): void {
  rmSync(join(outputDir, '.archer'), { recursive: true });
}

const copyPoints: Readonly<Record<string, Omit<KillPoint, 'nth'>>> = {
  'before its number is used up': { call: 'rename', path: 'checkpoint', when: 'before' },
  'when its number is used up': { call: 'rename', path: 'checkpoint', when: 'after' },
  'before its bytes are written': { call: 'write', path: segment, when: 'before' },
  'in the middle of its bytes': { call: 'write', path: segment, when: 'middle' },
  'before it is synced': { call: 'sync', path: segment, when: 'before' },
  'when it is synced': { call: 'sync', path: segment, when: 'after' },
};

/** `safe` is true if the rows that were only in the log have reached a segment at that point. */
const privateFolderPoints: Readonly<Record<string, Omit<KillPoint, 'nth'> & { safe: boolean }>> = {
  'before the id': { call: 'rename', path: 'id', when: 'before', safe: false },
  'before the checkpoint': { call: 'rename', path: 'checkpoint', when: 'before', safe: false },
  'before the batch': { call: 'write', path: segment, when: 'before', safe: false },
  'behind the batch': { call: 'write', path: segment, when: 'after', safe: true },
  'while the log is made': { call: 'write', path: log, when: 'middle', safe: true },
  'when the log is made': { call: 'sync', path: log, when: 'after', safe: true },
};

describe('vanished files', () => {
  for (const [when, point] of sampleCases(copyPoints, 2)) {
    it(`the active file is deleted, killed ${when}: the log still has all, and it comes once`, async () => {
      const { outputDir, ended } = await recordAndLose(point, deleteActive);
      assert.equal(await ended, 'SIGKILL');
      await recover(outputDir);
      assert.deepEqual(namesIn(outputDir).sort(), [...flushed, ...held].sort());
    });
  }

  for (const [when, { safe, ...point }] of sampleCases(privateFolderPoints, 2)) {
    it(`.archer is deleted, killed ${when}: ${safe ? 'nothing' : 'no segment'} is lost`, async () => {
      const { outputDir, ended } = await recordAndLose(point, deletePrivateFolder);
      assert.equal(await ended, 'SIGKILL');
      await recover(outputDir);
      const names = namesIn(outputDir).sort();
      assert.deepEqual(names, (safe ? [...flushed, ...held] : flushed).toSorted());
    });
  }

  it('the active file is moved, killed when the checkpoint is past it: nothing comes twice', async () => {
    const elsewhere = join(makeFolder(), 'moved.arrow');
    const point = { call: 'rename', path: 'checkpoint', when: 'after' } as const;
    const { outputDir, ended } = await recordAndLose(point, (folder, active) => {
      renameSync(join(folder, active), elsewhere);
    });
    assert.equal(await ended, 'SIGKILL');
    await recover(outputDir);
    assert.deepEqual(namesIn(outputDir), held);
  });

  it('all is taken away while it records: it says so, makes it again and goes on', async () => {
    const { recorder, outputDir } = await recordAndLose(undefined, (folder) => {
      rmSync(folder, { recursive: true });
    });
    const { stderr } = recorder;
    const all = ['deleted the active segment', 'files of the log', 'files of the recorder'];
    for (let ms = 0; ms < lookMsMax && !all.every((text) => stderr().includes(text)); ms += 50) {
      await sleep(50);
    }
    for (const text of all) assert.match(stderr(), new RegExp(text));
    await sendAll(recorder, ['after']);
    const second = startRecorder(flags, outputDir).then(() => 'it started', String);
    assert.match(await second, /is in use by process/);
    assert.equal((await recorder.stop()).code, 0);
    assert.deepEqual(namesIn(outputDir), [...flushed, ...held, 'after']);
  });
});
