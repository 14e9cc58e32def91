/** The metadata of a batch is compared with its rows. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mayContainTraceId } from '../../../src/shared/trace-filter.ts';
import { faultsOf } from '../thing-check.ts';
import { int64, type ThingParts, thingTime } from '../thing-segment.ts';

function withStats(change: Partial<ThingParts['stats']>): Promise<string[]> {
  return faultsOf((parts) => {
    parts.stats = { ...parts.stats, ...change };
  });
}

describe('batch facts', () => {
  it('statistics that the rows bear out: no fault', async () => {
    assert.deepEqual(await faultsOf(), []);
  });

  it('each statistic that they do not: is named, with both sides', async () => {
    const said = (name: string, stated: unknown, found: unknown) => [
      `archer.stats says ${name} ${stated} and the rows ${found}`,
    ];
    assert.deepEqual(await withStats({ rows: 8 }), said('rows', 8, 7));
    const [first, last] = [thingTime - 7n, thingTime - 1n];
    assert.deepEqual(await withStats({ firstTime: 5n }), said('first_time', 5, first));
    assert.deepEqual(await withStats({ lastTime: null }), said('last_time', null, last));
    const received = thingTime + 1n;
    assert.deepEqual(
      await withStats({ firstReceivedTime: received }),
      said('first_received_time', received, thingTime),
    );
    assert.deepEqual(
      await withStats({ lastReceivedTime: received }),
      said('last_received_time', received, thingTime),
    );
    assert.deepEqual(
      await withStats({ services: ['shöp 0', 'shöp 1'] }),
      said('services', '["shöp 0","shöp 1"]', '["shöp 1","shöp 0"]'),
    );
  });

  it('services that were too many to name: are not missed', async () => {
    const name = 'x'.repeat(300_000);
    assert.deepEqual(await withStats({ services: [name] }), []);
  });

  it('no time in any row: null is right', async () => {
    const faults = await faultsOf((parts) => {
      parts.buffers.set('start_time.validity', Uint8Array.of(0));
      parts.nodes[1] = 7;
      parts.stats = { ...parts.stats, firstTime: null, lastTime: null };
    });
    assert.deepEqual(faults, []);
  });

  it('positions that are not those of the rows, or of another lane', async () => {
    const found = 'and the rows batch_id 1 to 7';
    const outOfPlace = (from: bigint, to: bigint) =>
      faultsOf((parts) => {
        Object.assign(parts, { from, to });
      });
    assert.deepEqual(await outOfPlace(2n, 7n), [`archer.wal says lane 0, 2 to 7, ${found}`]);
    assert.deepEqual(await outOfPlace(1n, 70n), [`archer.wal says lane 0, 1 to 70, ${found}`]);
    const otherLane = await faultsOf(() => {}, {
      changeMetadata: (metadata) => {
        metadata.set('archer.wal', metadata.get('archer.wal')!.replace('"lane":0', '"lane":3'));
      },
    });
    assert.deepEqual(otherLane, [`archer.wal says lane 3, 1 to 7, ${found}`]);
  });

  it('requests that do not rise from row to row', async () => {
    const faults = await faultsOf((parts) => {
      parts.buffers.set('batch_id', int64([1n, 3n, 2n, 4n, 5n, 6n, 7n]));
    });
    assert.deepEqual(faults, ['column batch_id: it does not rise from row to row']);
  });

  it('a filter without a trace that is there: is named', async () => {
    const faults = await faultsOf((parts) => {
      parts.traceIdFilter = new Uint8Array(8);
    });
    const [, missing = ''] = /^archer.trace_ids lacks trace (\w+)$/.exec(faults.join()) ?? [];
    assert.match(missing, /^[0-9a-f]{32}$/);
    assert.equal(mayContainTraceId(new Uint8Array(8).fill(255), missing), true);
  });

  it('entries that are missing or unreadable: are named, each', async () => {
    for (const key of ['archer.stats', 'archer.wal', 'archer.trace_ids', 'archer.crc32']) {
      const expected = [`${key} is missing or cannot be read`];
      const change = (text?: string) => ({
        changeMetadata: (metadata: Map<string, string>) => {
          metadata.delete(key);
          if (text !== undefined) metadata.set(key, text);
        },
      });
      assert.deepEqual(await faultsOf(() => {}, change()), expected, `${key} missing`);
      assert.deepEqual(await faultsOf(() => {}, change('{"a":1')), expected, `${key} unreadable`);
    }
  });

  it('no trace at all: needs no filter', async () => {
    const faults = await faultsOf((parts) => {
      parts.buffers.set('trace_id.validity', Uint8Array.of(0));
      parts.nodes[3] = 7;
      parts.traceIdFilter = undefined;
    });
    assert.deepEqual(faults, []);
  });
});
