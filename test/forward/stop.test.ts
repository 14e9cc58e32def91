/** A recorder ends in time with every destination, and the next start sends the rest. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { cleanUp } from '../recorder/recorder-process.ts';
import {
  closeDestinations,
  idsOf,
  openDestination,
  postAll,
  range,
  startForwarding,
  until,
} from './scene.ts';

after(closeDestinations);
after(cleanUp);

/** Requests in flight have 5 s to end; the rest of a stop takes longer on a busy machine. */
const stopMsMax = 5_000 + 5_000;

describe('forwarding: a stop', () => {
  it('destinations that hang or answer slowly: ends within 5 s, and the next start sends the rest', async () => {
    const kinds = [
      ['http', 'http/protobuf', 'hang'],
      ['grpc', 'grpc', 'hang'],
      ['http', 'http/json', 'drip'],
    ] as const;
    const opened = await Promise.all(
      kinds.map(async ([transport, protocol, misbehaviour], index) => {
        const destination = await openDestination(transport);
        destination.script.otherwise = misbehaviour;
        return { destination, entry: { name: `d${index}`, protocol, port: destination.port } };
      }),
    );
    const entries = opened.map(({ entry }) => ({ ...entry, timeout: '1h' }));
    const recorder = await startForwarding(entries);
    await postAll(recorder, 'traces', range(0, 6));
    for (const { destination } of opened) {
      await until('four requests hang', () => destination.received.length === 4);
    }
    const startMs = performance.now();
    const { code } = await recorder.stop();
    const tookMs = performance.now() - startMs;
    assert.equal(code, 0);
    assert.ok(tookMs >= 4_000 && tookMs < stopMsMax, `${tookMs} ms`);
    const before = opened.map(({ destination }) => {
      destination.script.otherwise = undefined;
      return destination.received.length;
    });
    const again = await startForwarding(entries, [], recorder.outputDir);
    for (const [index, { destination }] of opened.entries()) {
      await until('all six come', () => destination.received.length === before[index]! + 6);
      assert.deepEqual(idsOf(destination).slice(before[index]).toSorted(), range(0, 6));
    }
    await again.stop();
  });

  it('a slow destination: requests in flight are finished', async () => {
    const destination = await openDestination();
    const recorder = await startForwarding([{ port: destination.port, timeout: '1h' }]);
    destination.script.add('hang');
    await postAll(recorder, 'traces', [0]);
    await until('a request hangs', () => destination.received.length === 1);
    const stopped = recorder.stop();
    // The connection is aborted, so the request stays pending for the next start.
    await destination.close();
    const startMs = performance.now();
    await stopped;
    assert.ok(performance.now() - startMs < 4_000, 'it waited although nothing was under way');
  });
});
