/** A recorder forwards all acknowledged requests, through outages and kills. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { signals } from '../../src/shared/signal.ts';
import { unusedPort } from '../client/fake-destination.ts';
import { readSignal } from '../query/recorded-rows.ts';
import { cleanUp, startRecorder } from '../recorder/recorder-process.ts';
import {
  arrived,
  closeDestinations,
  health,
  idsOf,
  metric,
  openDestination,
  post,
  postAll,
  range,
  startForwarding,
  until,
} from './scene.ts';

after(closeDestinations);
after(cleanUp);

const ascending = (ids: readonly number[]) => ids.toSorted((a, b) => a - b);

describe('forwarding', () => {
  it('three protocols at once, to another recorder: each request arrives once by each', async () => {
    const upstream = await startRecorder();
    const { http, grpc } = upstream.ports;
    const names = ['http/protobuf', 'http/json', 'grpc'];
    const entries = names.map((protocol) => {
      return {
        name: protocol.replace('/', '-'),
        protocol,
        port: protocol === 'grpc' ? grpc : http,
      };
    });
    const recorder = await startForwarding(entries);
    for (const id of range(0, 20)) for (const signal of signals) await post(recorder, signal, id);
    for (const { name } of entries) {
      const delivered = () => metric(recorder, 'delivered_requests_total', name);
      await until(`${name} delivers`, async () => (await delivered()) === 60);
      for (const lag of ['lag_requests', 'lag_bytes', 'lag_seconds']) {
        assert.equal(await metric(recorder, lag, name), 0, lag);
      }
    }
    assert.equal((await recorder.stop()).code, 0);
    await upstream.stop();
    const expected = range(0, 20).flatMap((id) => names.map(() => id));
    for (const signal of signals) {
      const rows = readSignal(upstream.outputDir, signal);
      const ids = rows.map(({ attributes }) => Number(JSON.parse(String(attributes)).id));
      assert.deepEqual(ascending(ids), expected);
    }
  });

  it('a destination that is unavailable: degraded, and all requests arrive when it is back', async () => {
    const port = await unusedPort();
    const recorder = await startForwarding([{ port, concurrency: 16, protocol: 'grpc' }]);
    await postAll(recorder, 'traces', range(0, 30));
    await until('health is degraded', async () => (await health(recorder)).status === 'degraded');
    await until('requests are behind', async () => (await metric(recorder, 'lag_requests')) === 30);
    assert.ok((await metric(recorder, 'lag_seconds')) > 0);
    assert.ok((await metric(recorder, 'lag_bytes')) > 0);
    const destination = await openDestination('grpc', { port });
    await arrived(destination, range(0, 30));
    await until('it is well', async () => (await health(recorder)).status === 'ok');
    await recorder.stop();
    assert.deepEqual(ascending(idsOf(destination)), range(0, 30));
    assert.match(recorder.stderr(), /forwarding up: the circuit breaker is open/);
    assert.doesNotMatch(recorder.stderr(), /MaxListeners/);
  });

  it('kill -9 while the destination is unavailable: the next start sends everything', async () => {
    const port = await unusedPort();
    const first = await startForwarding([{ port }]);
    await postAll(first, 'logs', range(0, 25));
    await first.stop('SIGKILL');
    const second = await startForwarding([{ port }], [], first.outputDir);
    await post(second, 'logs', 25);
    const destination = await openDestination('http', { port });
    await arrived(destination, range(0, 26));
    await second.stop();
    assert.deepEqual(ascending(idsOf(destination)), range(0, 26));
  });

  for (const format of ['stream', 'file']) {
    it(`a log that is overtaken: segments that end as a ${format} go on in its place`, async () => {
      const port = await unusedPort();
      const recorder = await startForwarding(
        [{ port }],
        [
          ...['--wal-max-bytes', '8MiB', '--batch-max-rows', '10', '--compression', 'none'],
          ...['--rotation-max-bytes', '3MB', '--rotation-seal-format', format],
        ],
      );
      const ids = range(0, 100);
      for (const id of ids) {
        for (const signal of ['traces', 'logs'] as const) await post(recorder, signal, id, 100_000);
      }
      const destination = await openDestination('http', { port });
      for (const signal of ['traces', 'logs'] as const) await arrived(destination, ids, signal);
      assert.equal(await metric(recorder, 'lost_requests_total'), 0);
      await post(recorder, 'traces', 100);
      await arrived(destination, [100]);
      await recorder.stop();
      assert.deepEqual(ascending(idsOf(destination, 'traces')), range(0, 101));
      assert.deepEqual(ascending(idsOf(destination, 'logs')), ids);
    });
  }

  it('start: earlier requests are sent with `beginning` and not with `now`', async () => {
    const before = await startRecorder();
    await postAll(before, 'traces', range(0, 5));
    await before.stop();
    const [late, whole] = [await openDestination(), await openDestination()];
    const entries = [
      { name: 'late', port: late.port, start: 'now' },
      { name: 'whole', port: whole.port, start: 'beginning' },
    ];
    const recorder = await startForwarding(entries, [], before.outputDir);
    await postAll(recorder, 'traces', [5, 6]);
    await arrived(whole, range(0, 7));
    await arrived(late, [5, 6]);
    await recorder.stop();
    assert.deepEqual([idsOf(late).length, idsOf(whole).length], [2, 7]);
  });
});
