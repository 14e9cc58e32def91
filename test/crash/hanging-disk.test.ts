/** A call to the disk that does not return: reported, senders are refused, and signals still work. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
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

const hook = new URL('./kill-hook.js', import.meta.url).href;
const flags = ['--batch-max-age', '1h', '--compression', 'none'];

/** A busy machine adds some seconds to every limit. */
const slackMs = 5_000;

after(cleanUp);

function hangingAt(point: Pick<KillPoint, 'call' | 'path'>) {
  const folder = makeFolder();
  const [fifo, armedBy] = [join(folder, 'fifo'), join(folder, 'armed')];
  execFileSync('mkfifo', [fifo]);
  const environment = {
    NODE_OPTIONS: `--import=${hook}`,
    ARCHER_KILL_POINT: JSON.stringify({ ...point, nth: 1, when: 'hang', fifo, armedBy }),
  };
  return {
    environment,
    arm: () => writeFileSync(armedBy, ''),
    release: () => readFileSync(fifo),
  };
}

async function send(port: number, name: string): Promise<Response> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(requestOf(field(5, name))),
  });
  await response.arrayBuffer();
  return response;
}

interface Health {
  readonly status: string;
  readonly checks: readonly { readonly name: string; readonly detail: string }[];
  readonly recovery?: { readonly bytes_done: number; readonly bytes_to_do: number };
}

async function health(port: number): Promise<Health> {
  return (await fetch(`http://127.0.0.1:${port}/health`)).json() as Promise<Health>;
}

async function awaitStatus(port: number, status: string, msMax: number): Promise<Health> {
  const endMs = Date.now() + msMax;
  for (;;) {
    const found = await health(port);
    if (found.status === status) return found;
    assert.ok(Date.now() < endMs, `${status} after ${msMax} ms: ${JSON.stringify(found)}`);
    await sleep(100);
  }
}

/** Sends a request that reaches the log, and one at which the log hangs. */
async function hangInLog() {
  const hanging = hangingAt({ call: 'write', path: String.raw`wal/lane-0/\d+\.log$` });
  const recorder = await startRecorder(flags, undefined, hanging.environment);
  assert.equal((await send(recorder.ports.http, 'before')).status, 200);
  hanging.arm();
  const startMs = Date.now();
  /** The response, or undefined if the process ended before it answered. */
  const during = send(recorder.ports.http, 'during').catch(() => undefined);
  return { ...hanging, recorder, startMs, during };
}

function exitOf({ child }: RecorderProcess): Promise<readonly [number | null, string | null]> {
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve([code, signal])));
}

async function namesAfterRestart(outputDir: string): Promise<string[]> {
  const recorder = await startRecorder(flags, outputDir);
  assert.equal((await recorder.stop()).code, 0, recorder.stderr());
  return readArchive(outputDir).map(({ name }) => name);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Each test waits for limits to pass, so all of them run at the same time. */
describe('a disk that hangs', { concurrency: true }, () => {
  it('a write to the log: failing within 3 s, refusals after 10 s, and all is well after', async () => {
    const { recorder, startMs, during, release } = await hangInLog();
    const { http, dashboard } = recorder.ports;
    const failing = await awaitStatus(dashboard, 'failing', 3_000 + slackMs);
    assert.match(
      failing.checks[0]?.detail ?? '',
      /the lane .* write \.archer\/wal\/lane-0\/\d+\.log/,
    );
    const refused = await during;
    const waitedMs = Date.now() - startMs;
    assert.deepEqual([refused?.status, refused?.headers.has('retry-after')], [503, true]);
    assert.ok(waitedMs >= 9_900 && waitedMs < 10_000 + slackMs, `${waitedMs} ms`);
    const nextMs = Date.now();
    assert.equal((await send(http, 'refused')).status, 503);
    assert.ok(Date.now() - nextMs < slackMs);
    release();
    await awaitStatus(dashboard, 'ok', slackMs);
    while ((await send(http, 'after')).status !== 200) await sleep(100);
    assert.equal((await recorder.stop()).code, 0, recorder.stderr());
    assert.match(recorder.stderr(), /the lane goes on/);
    const names = readArchive(recorder.outputDir).map(({ name }) => name);
    // The request that was refused late was recorded when the disk went on.
    assert.deepEqual(names.sort(), ['after', 'before', 'during']);
  });

  it('one SIGTERM: the process ends within a minute, and nothing acknowledged is lost', async () => {
    const { recorder, during } = await hangInLog();
    await awaitStatus(recorder.ports.dashboard, 'failing', 3_000 + slackMs);
    const exit = exitOf(recorder);
    const startMs = Date.now();
    recorder.child.kill('SIGTERM');
    assert.deepEqual(await exit, [null, 'SIGKILL']);
    assert.ok(Date.now() - startMs < 60_000 + slackMs);
    assert.notEqual((await during)?.status, 200);
    assert.ok((await namesAfterRestart(recorder.outputDir)).includes('before'));
  });

  it('a second SIGTERM: the process ends at once', async () => {
    const { recorder } = await hangInLog();
    await awaitStatus(recorder.ports.dashboard, 'failing', 3_000 + slackMs);
    const exit = exitOf(recorder);
    recorder.child.kill('SIGTERM');
    await sleep(1_100);
    const startMs = Date.now();
    recorder.child.kill('SIGTERM');
    assert.deepEqual(await exit, [null, 'SIGKILL']);
    assert.ok(Date.now() - startMs < 2_000 + slackMs);
    assert.ok((await namesAfterRestart(recorder.outputDir)).includes('before'));
  });

  it('during recovery: starting with its bytes, no OTLP port, and SIGTERM ends it at once', async () => {
    const killed = await startRecorder(flags);
    assert.equal((await send(killed.ports.http, 'logged')).status, 200);
    await killed.stop('SIGKILL');
    const hanging = hangingAt({ call: 'write', path: String.raw`\.arrow$` });
    hanging.arm();
    const [dashboard, http] = [await freePort(), await freePort()];
    const ports = ['--dashboard-port', String(dashboard), '--http-port', String(http)];
    const { outputDir } = killed;
    let end: (signal: NodeJS.Signals) => void = () => {};
    const onSpawn = (kill: typeof end) => {
      end = kill;
    };
    const ended = startRecorder(
      [...flags, ...ports],
      outputDir,
      hanging.environment,
      [],
      onSpawn,
    ).then(
      () => assert.fail('it opened its ports'),
      (error: Error) => error.message,
    );
    const found = await firstHealth(dashboard);
    assert.equal(found.status, 'starting');
    assert.ok((found.recovery?.bytes_done ?? -1) >= 0);
    await assert.rejects(send(http, 'early'));
    const startMs = Date.now();
    end('SIGTERM');
    assert.match(await ended, /it ended with/);
    assert.ok(Date.now() - startMs < 3_000 + slackMs);
    assert.deepEqual(await namesAfterRestart(outputDir), ['logged']);
  });
});

async function firstHealth(port: number): Promise<Health> {
  for (;;) {
    const found = await health(port).catch(() => undefined);
    if (found !== undefined) return found;
    await sleep(20);
  }
}
