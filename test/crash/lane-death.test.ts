/** A lane that dies from a defect is restarted with recovery, until it has died three times. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { field, requestOf } from '../columns/wire-writer.ts';
import { readArchive } from '../query/recorded-rows.ts';
import { cleanUp, makeFolder, startRecorder } from '../recorder/recorder-process.ts';
import type { KillPoint } from './kill-point.ts';

const hook = new URL('./kill-hook.js', import.meta.url).href;
const segment = String.raw`\.arrow$`;

after(cleanUp);

function startWith(point: KillPoint, flags = ['--batch-max-rows', '1']) {
  const environment = {
    NODE_OPTIONS: `--import=${hook}`,
    ARCHER_KILL_POINT: JSON.stringify(point),
  };
  return startRecorder(flags, undefined, environment);
}

async function send(port: number, name: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(requestOf(field(5, name))),
  });
  await response.arrayBuffer();
  return response.status;
}

/** Returns the counts of items for traces from a scrape. */
async function scrape(port: number): Promise<ReadonlyMap<string, number>> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  const lines = (await response.text()).split('\n');
  const ours = lines.filter((line) => /^archer_\w+\{signal="traces"/.test(line));
  return new Map(
    ours.map((line) => {
      const [series = '', value] = line.split(' ');
      return [series.replace('archer_', '').replace('signal="traces"', ''), Number(value)];
    }),
  );
}

function assertIdentity(counts: ReadonlyMap<string, number>): void {
  const sumOf = (name: string) =>
    [...counts].reduce((sum, [series, value]) => sum + (series.startsWith(name) ? value : 0), 0);
  const accounted = sumOf('archived_total') + sumOf('rejected_total') + sumOf('pending');
  assert.equal(sumOf('received_total'), accounted);
}

describe('lane death', () => {
  it('a lane that dies once: what was acknowledged is archived once, and recording goes on', async () => {
    const marker = join(makeFolder(), 'thrown');
    const point: KillPoint = { call: 'write', path: segment, nth: 3, when: 'throw', marker };
    const recorder = await startWith(point);
    const acknowledged: string[] = [];
    for (let count = 0; count < 40 && acknowledged.length < 6; count++) {
      const name = `span ${count}`;
      if ((await send(recorder.ports.http, name)) === 200) acknowledged.push(name);
    }
    assert.equal(acknowledged.length, 6, recorder.stderr());
    assert.match(recorder.stderr(), /the lane died: a defect.*it is started again/);
    await recorder.stop();
    const names = readArchive(recorder.outputDir).map(({ name }) => name);
    for (const name of acknowledged) {
      assert.equal(names.filter((found) => found === name).length, 1, name);
    }
  });

  it('counts go on across the death: received = archived + rejected + pending, none goes back', async () => {
    const marker = join(makeFolder(), 'thrown');
    const point: KillPoint = { call: 'write', path: segment, nth: 2, when: 'throw', marker };
    const recorder = await startWith(point, ['--batch-max-rows', '4']);
    const { http, dashboard } = recorder.ports;
    let before = await scrape(dashboard);
    let acknowledged = 0;
    for (let count = 0; count < 40 && acknowledged < 12; count++) {
      if ((await send(http, `span ${count}`)) === 200) acknowledged += 1;
      const now = await scrape(dashboard);
      assertIdentity(now);
      for (const [series, value] of before) {
        const isCounter = !series.startsWith('pending');
        if (isCounter) assert.ok((now.get(series) ?? 0) >= value, `${series} went back`);
      }
      before = now;
    }
    await recorder.post('/api/flush');
    const last = await scrape(dashboard);
    assertIdentity(last);
    const died = last.get('rejected_total{,reason="lane_died"}') ?? 0;
    assert.ok(died > 0 && last.get('recovered_total{}')! >= died, JSON.stringify([...last]));
    await recorder.stop();
    assert.equal(last.get('archived_total{}'), readArchive(recorder.outputDir).length);
  });

  it('a lane that dies three times within a minute: the recorder ends with exit 1', async () => {
    const point: KillPoint = { call: 'write', path: segment, nth: 1, when: 'throw' };
    const recorder = await startWith(point);
    const ended = new Promise((resolve) => recorder.child.once('exit', resolve));
    await send(recorder.ports.http, 'a').catch(() => 0);
    assert.equal(await ended, 1);
    assert.match(recorder.stderr(), /3 times within a minute/);
  });
});
