/** Batches of the real decoder, encoded with and without compression and read by apache-arrow. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BatchEncoder } from '../../src/columns/record-batch.ts';
import { nativeCompress, zstdLevel } from '../../src/columns/zstd.ts';
import type { EncodedBatch } from '../../src/shared/encoded-batch.ts';
import { mayContainTraceId } from '../../src/shared/trace-filter.ts';
import { expectedCounts, readArrowRows } from './arrow-batch.ts';
import { readBodyBuffers } from './body-buffers.ts';
import { DecoderHarness, type Row, receivedTime } from './decoder-harness.ts';
import { chooseSeed, TestRandom } from './random.ts';
import { RandomTraces } from './random-traces.ts';
import { referenceRows } from './reference-rows.ts';

const seed = chooseSeed();
console.log(`SEED=${seed}`);
const random = new TestRandom(seed);
const requests = new RandomTraces(random, { irregularity: 0.02 });
const harness = new DecoderHarness();
const { decoder } = harness;
const compress = nativeCompress(zstdLevel);
const encoders = {
  zstd: new BatchEncoder(decoder, 'zstd', compress),
  none: new BatchEncoder(decoder, 'none', compress),
};

interface Encoded {
  readonly zstd: EncodedBatch;
  readonly none: EncodedBatch;
  /** What protobufjs makes of the requests. */
  readonly rows: readonly Row[];
}

/** Decodes so many requests, each so many times in succession, and encodes them both ways. */
function encodeBoth(requestCount: number, times = 1): Encoded {
  harness.reset();
  const rows: Row[] = [];
  for (let batchId = 1n; batchId <= requestCount * times; ) {
    const request = requests.request();
    const expected = referenceRows(request);
    for (let time = 0; time < times; time++, batchId++) {
      assert.equal(harness.decode(request), expected.length);
      for (const row of expected) rows.push({ ...row, batch_id: batchId });
    }
  }
  return { zstd: encoders.zstd.encode('traces'), none: encoders.none.encode('traces'), rows };
}

function buffersOf(batch: EncodedBatch): Uint8Array[] {
  return readBodyBuffers(batch.body, batch.buffers, batch.compression);
}

/** The values of a column that are not NULL. */
function known<T>(rows: readonly Row[], column: string): T[] {
  return rows.map((row) => row[column] as T).filter((value) => value !== null);
}

describe('record batch', () => {
  it('buffers: the same with zstd and without, as many as the schema has', () => {
    for (const [requestCount, times] of [
      [0, 1],
      [1, 1],
      [12, 1],
      [200, 1],
      [20, 100],
    ] as const) {
      const { zstd, none } = encodeBoth(requestCount, times);
      assert.deepEqual(buffersOf(zstd), buffersOf(none));
      assert.deepEqual(zstd.nodes, none.nodes);
      const counts = { nodes: zstd.nodes.length / 2, buffers: zstd.buffers.length / 2 };
      assert.deepEqual(counts, expectedCounts());
    }
  });

  it('rows: apache-arrow reads what protobufjs decodes, with zstd and without', () => {
    for (const [requestCount, times] of [
      [12, 1],
      [100, 1],
      [10, 40],
    ] as const) {
      const { zstd, none, rows } = encodeBoth(requestCount, times);
      assert.deepEqual(readArrowRows(zstd), rows);
      assert.deepEqual(readArrowRows(none), rows);
      assert.equal(zstd.rows, rows.length);
    }
  });

  it('size: compressed batches are smaller', () => {
    const { zstd, none } = encodeBoth(300);
    assert.ok(zstd.body.byteLength < none.body.byteLength / 2);
  });

  it('stats: rows, times and services as the rows have them', () => {
    const { zstd, none, rows } = encodeBoth(100);
    assert.deepEqual(zstd.stats, none.stats);
    const times = known<bigint>(rows, 'start_time').sort((a, b) => (a < b ? -1 : 1));
    assert.deepEqual(zstd.stats, {
      rows: rows.length,
      firstTime: times[0],
      lastTime: times.at(-1),
      firstReceivedTime: receivedTime,
      lastReceivedTime: receivedTime,
      services: [...new Set(known<string>(rows, 'service_name'))],
    });
  });

  it('stats: nothing held', () => {
    const { firstTime, lastTime, services } = encodeBoth(0).zstd.stats;
    assert.deepEqual([firstTime, lastTime, services], [null, null, []]);
  });

  it('trace ids: each is in the filter, and few that are not there', () => {
    const { zstd, rows } = encodeBoth(300);
    const filter = zstd.traceIdFilter;
    assert.ok(filter !== undefined && !(filter.buffer instanceof SharedArrayBuffer));
    const ids = new Set(known<string>(rows, 'trace_id'));
    assert.ok(ids.size > 100 && [...ids].every((id) => mayContainTraceId(filter, id)));
    assert.equal(filter.byteLength, Math.ceil((ids.size * 10) / 64) * 8);
    const others = Array.from({ length: 5000 }, () =>
      Buffer.from(random.bytes(16)).toString('hex'),
    );
    assert.ok(others.filter((id) => mayContainTraceId(filter, id)).length < 100);
  });

  it('memory: a batch that is encoded again gives the same body in the same place', () => {
    const { zstd } = encodeBoth(50);
    const before = Buffer.from(zstd.body);
    const again = encoders.zstd.encode('traces');
    assert.equal(again.body.byteOffset, zstd.body.byteOffset);
    assert.deepEqual(Buffer.from(again.body), before);
  });

  it('memory: many batches take no more than the first ones', () => {
    for (let batch = 0; batch < 3; batch++) encodeBoth(60, 10);
    const before = decoder.memory.buffer.byteLength;
    for (let batch = 0; batch < 20; batch++) encodeBoth(20, 10);
    assert.equal(decoder.memory.buffer.byteLength, before);
  });
});
