/** A segment or batch is skipped only if no row in it can match. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StreamMessage } from '../../src/disk/ipc/ipc-reader.ts';
import type { StoredBatch } from '../../src/disk/ipc/stored-batch.ts';
import {
  mayBeInTime,
  mayHaveBatchRows,
  mayHaveRows,
  type RowFilter,
} from '../../src/query/row-filter.ts';
import { foreignId, ownId } from './archive-builder.ts';
import { rangeOf, summaryOf } from './segment-summary.ts';

const service = (name: string): RowFilter => {
  return { texts: new Map([['service_name', new Set([name])]]) };
};
const positions = (from: bigint, through: bigint, recorder = ownId, lane = 0): RowFilter => {
  return { positions: { recorder, lane, from, through } };
};

function messageOf(metadata: Record<string, unknown>): StreamMessage {
  const entries = Object.entries(metadata).map(([key, value]) => {
    return [`archer.${key}`, typeof value === 'string' ? value : JSON.stringify(value)] as const;
  });
  return {
    ...{ kind: 'recordBatch', offset: 0, metadataBytes: 8, bodyOffset: 16, bodyBytes: 8, rows: 1 },
    ...{ compression: 'none', customMetadata: new Map(entries) },
  };
}

const stats = {
  ...{ rows: 1, first_time: '100', last_time: '200', services: ['shop'] },
  ...{ first_received_time: '100', last_received_time: '200' },
};

describe('row filter of segments', () => {
  it('time: from is included, to is not', () => {
    const segment = summaryOf({ firstTime: 100n, lastTime: 200n });
    const may = (filter: RowFilter) => mayHaveRows(segment, filter);
    assert.deepEqual([may({}), may({ from: 200n }), may({ from: 201n })], [true, true, false]);
    assert.deepEqual([may({ to: 101n }), may({ to: 100n })], [true, false]);
    const timeless = summaryOf({ firstTime: null, lastTime: null });
    assert.deepEqual(
      [mayHaveRows(timeless, {}), mayHaveRows(timeless, { from: 0n })],
      [true, false],
    );
  });

  it('logs: rows without the first time are not in the statistics', () => {
    assert.ok(mayHaveRows(summaryOf({ signal: 'logs' }), { from: 300n }));
    assert.ok(!mayHaveRows(summaryOf({ signal: 'metrics' }), { from: 300n }));
  });

  it('services and positions: where they are known', () => {
    const may = (filter: RowFilter, some = {}) => mayHaveRows(summaryOf(some), filter);
    assert.deepEqual([may(service('shop')), may(service('mail'))], [true, false]);
    assert.ok(may(service('mail'), { services: null }));
    assert.deepEqual([may(positions(9n, 20n)), may(positions(10n, 20n))], [true, false]);
    assert.ok(!may(positions(1n, 9n, foreignId)));
    assert.ok(!may(positions(1n, 9n, ownId, 1)));
    assert.ok(may(positions(10n, 20n), { ranges: null }));
  });

  it('a damaged segment: what its summary does not know may be there', () => {
    const segment = summaryOf({ state: 'torn' });
    for (const filter of [{ from: 300n }, service('mail'), positions(10n, 20n)]) {
      assert.ok(mayHaveRows(segment, filter));
    }
  });
});

describe('row filter of batches', () => {
  it('services, where they are named', () => {
    const may = (name: string, message: StreamMessage) => mayHaveBatchRows(message, service(name));
    assert.ok(may('shop', messageOf({ stats })));
    assert.ok(!may('mail', messageOf({ stats })));
    assert.ok(may('mail', messageOf({ stats: { ...stats, services: null } })));
    assert.ok(may('mail', messageOf({})));
  });

  it('positions: a batch that says none is of nobody', () => {
    const wal = { ...rangeOf(5n, 9n), from: '5', to: '9' };
    assert.ok(mayHaveBatchRows(messageOf({ wal }), positions(9n, 9n)));
    assert.ok(!mayHaveBatchRows(messageOf({ wal }), positions(10n, 10n)));
    assert.ok(!mayHaveBatchRows(messageOf({}), positions(1n, 10n)));
  });

  it('trace ids: by the filter, where there is one', () => {
    const wanted: RowFilter = { texts: new Map([['trace_id', new Set(['ab'])]]) };
    const none = Buffer.alloc(16).toString('base64');
    const every = Buffer.alloc(16, 0xff).toString('base64');
    assert.ok(!mayHaveBatchRows(messageOf({ trace_ids: none }), wanted));
    assert.ok(mayHaveBatchRows(messageOf({ trace_ids: every }), wanted));
    assert.ok(mayHaveBatchRows(messageOf({}), wanted));
  });

  it('time: as the statistics say, if they tell of all rows', () => {
    const batch = (nullCount: number) => {
      return {
        message: messageOf({ stats }),
        nullCount: () => nullCount,
      } as unknown as StoredBatch;
    };
    assert.ok(!mayBeInTime(batch(0), 'traces', { from: 300n }));
    assert.ok(!mayBeInTime(batch(5), 'traces', { from: 300n }));
    assert.ok(!mayBeInTime(batch(0), 'logs', { from: 300n }));
    assert.ok(mayBeInTime(batch(5), 'logs', { from: 300n }));
    assert.ok(mayBeInTime(batch(0), 'traces', { from: 200n, to: 201n }));
  });
});
