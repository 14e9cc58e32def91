/** Archived rows are rebuilt into the requests that were sent. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { ArchiveFault } from '../../src/query/archive-reader.ts';
import { type ArchivedRequest, rebuildRequests } from '../../src/query/archived-requests.ts';
import { type Signal, signals } from '../../src/shared/signal.ts';
import { canonicalRequest } from '../columns/canonical-request.ts';
import { sampledSignals } from '../columns/sampled-signals.ts';
import { chooseSeed, TestRandom } from '../random.ts';
import { cleanUp } from '../recorder/recorder-process.ts';
import { ArchiveBuilder, gather, noon } from './archive-builder.ts';
import { logsOf, pointsOf, type SmallItem, spansOf } from './small-requests.ts';

after(cleanUp);

const small: Record<Signal, (service: string, ...items: SmallItem[]) => Uint8Array> = {
  traces: spansOf,
  metrics: pointsOf,
  logs: logsOf,
};

function requestsOf(items: readonly (ArchivedRequest | ArchiveFault)[]): ArchivedRequest[] {
  return items.map((item) => {
    assert.ok(item.kind === 'request', item.kind === 'fault' ? item.what : '');
    return item;
  });
}

describe('archived requests', () => {
  for (const { signal, Requests } of sampledSignals) {
    it(`${signal}: random requests, irregular ones too, come back the same`, async (test) => {
      const seed = chooseSeed();
      test.diagnostic(`SEED=${seed}`);
      const random = new Requests(new TestRandom(seed), { irregularity: 0.05 });
      const builder = new ArchiveBuilder();
      const batches = () =>
        Array.from({ length: 2 }, () => Array.from({ length: 20 }, () => random.request()));
      const forms = ['stream', 'file', 'active'] as const;
      const sent = forms.flatMap((form) => builder.segment(batches(), { signal, form }).requests);
      const { reader } = builder;
      const found = await gather(rebuildRequests(signal, reader.batches(reader.plan(signal))));
      const rebuilt = requestsOf(found);
      assert.ok(sent.length > 30);
      assert.deepEqual(
        rebuilt.map(({ position, rows }) => [position, rows]),
        sent.map(({ position, rows }) => [Number(position), rows]),
      );
      for (const [index, { bytes }] of rebuilt.entries()) {
        const expected = canonicalRequest(signal, sent[index]!.bytes);
        assert.ok(expected.equals(canonicalRequest(signal, bytes)), `request ${index}`);
      }
    });
  }

  for (const signal of signals) {
    it(`${signal}: says where a request comes from; of one taken apart what is wanted`, async () => {
      const builder = new ArchiveBuilder();
      const items = [100n, 200n, 300n].map((time) => ({ time }));
      builder.segment([[small[signal]('shop', ...items)]], { signal, lane: 2, firstPosition: 7n });
      const { reader } = builder;
      const plan = reader.plan(signal, { from: 200n, to: 300n });
      const [request] = requestsOf(await gather(rebuildRequests(signal, reader.batches(plan))));
      const { bytes, ...facts } = request!;
      assert.deepEqual(facts, {
        ...{ kind: 'request', signal, lane: 2, position: 7, rows: 1 },
        ...{ batchId: (2n << 48n) + 7n, receivedTime: noon + 7n },
      });
      assert.deepEqual(Buffer.from(bytes), Buffer.from(small[signal]('shop', { time: 200n })));
    });
  }

  it('faults of reading are passed on', async () => {
    const fault: ArchiveFault = {
      kind: 'fault',
      code: 'ERR_ARCHER_BATCH_DAMAGED',
      path: 'a',
      offset: 1,
      what: 'x',
    };
    async function* faulty() {
      yield fault;
    }
    assert.deepEqual(await gather(rebuildRequests('traces', faulty())), [fault]);
  });

  it('a request that cannot be rebuilt: named by its row, the others given', async () => {
    const builder = new ArchiveBuilder();
    builder.segment([[spansOf('a', {}), spansOf('b', {}), spansOf('c', {})]]);
    const { reader } = builder;
    async function* damaged() {
      for await (const found of reader.batches(reader.plan('traces'))) {
        assert.ok(found.kind === 'batch');
        const { offsets, data } = found.batch.column('attributes')!;
        data[offsets![1]!] = 0x78;
        yield found;
      }
    }
    const [first, second, third] = await gather(rebuildRequests('traces', damaged()));
    assert.deepEqual([first?.kind, second?.kind, third?.kind], ['request', 'fault', 'request']);
    const what = second?.kind === 'fault' ? second.what : '';
    assert.match(what, /^request 2 cannot be rebuilt: row 1, column attributes: /);
  });
});
