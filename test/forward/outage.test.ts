/** A destination is unavailable while the log is overwritten and retention deletes segments. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { signals } from '../../src/shared/signal.ts';
import { unusedPort } from '../client/fake-destination.ts';
import { cleanUp, type RecorderProcess } from '../recorder/recorder-process.ts';
import {
  closeDestinations,
  idsOf,
  metric,
  openDestination,
  post,
  range,
  startForwarding,
  until,
} from './scene.ts';

after(closeDestinations);
after(cleanUp);

/** The log holds 400 requests, and a segment about twenty. */
const fillBytes = 20_000;
const flags = [
  ...['--wal-max-bytes', '8MiB', '--compression', 'none', '--batch-max-rows', '10'],
  ...['--batch-max-age', '200ms', '--rotation-max-bytes', '400KB'],
];

/** Several senders at once, with the signals in turn. */
async function record(recorder: RecorderProcess, ids: readonly number[]): Promise<void> {
  const left = [...ids];
  const send = async () => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) {
      await post(recorder, signals[id % signals.length]!, id, fillBytes);
    }
  };
  await Promise.all(Array.from({ length: 6 }, send));
}

async function counts(recorder: RecorderProcess): Promise<Record<string, number>> {
  const names = ['delivered', 'lost', 'dropped', 'sampled_out'];
  const found = names.map(async (name) => {
    return [name, await metric(recorder, `${name}_requests_total`)] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

function caughtUp(recorder: RecorderProcess): Promise<void> {
  return until('nothing is behind', async () => (await metric(recorder, 'lag_requests')) === 0);
}

const ascending = (ids: readonly number[]) => ids.toSorted((a, b) => a - b);

describe('an outage that is longer than the log', () => {
  for (const format of ['stream', 'file']) {
    it(`all that was acknowledged arrives after it, once; segments end as a ${format}`, async () => {
      const port = await unusedPort();
      const recorder = await startForwarding(
        [{ port }],
        [...flags, '--rotation-seal-format', format],
      );
      await record(recorder, range(0, 1_200));
      const destination = await openDestination('http', { port });
      await record(recorder, range(1_200, 300));
      await caughtUp(recorder);
      const { delivered, lost, dropped } = await counts(recorder);
      assert.deepEqual({ delivered, lost, dropped }, { delivered: 1_500, lost: 0, dropped: 0 });
      await recorder.stop();
      assert.deepEqual(ascending(idsOf(destination)), range(0, 1_500));
    });
  }

  it('retention deletes a part: each request is either lost or arrives', async () => {
    const port = await unusedPort();
    const recorder = await startForwarding(
      [{ port }],
      [...flags, '--retention-max-bytes', '6MB', '--retention-schedule', '* * * * * *'],
    );
    await record(recorder, range(0, 1_200));
    await until(
      'retention deletes what was not sent',
      async () => (await counts(recorder)).lost! > 0,
    );
    const destination = await openDestination('http', { port });
    await record(recorder, range(1_200, 600));
    await recorder.post('/api/flush');
    await caughtUp(recorder);
    const { delivered, lost, dropped, sampled_out } = await counts(recorder);
    await recorder.stop();
    const ids = ascending(idsOf(destination));
    assert.equal(delivered! + lost! + dropped! + sampled_out!, 1_800);
    assert.ok(lost! > 100 && delivered! > 100, `${lost} lost, ${delivered} delivered`);
    assert.deepEqual(ids, [...new Set(ids)]);
    assert.equal(ids.length, delivered);
    assert.match(recorder.stderr(), /forwarding up: retention deleted requests before/);
  });
});
