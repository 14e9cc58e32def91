/**
 * Tests batches of the real decoder, encoded with and without compression and read by apache-arrow.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BatchEncoder } from '../../../src/columns/arrow/batch-encoder.ts';
import { nativeCompress, zstdLevel } from '../../../src/columns/arrow/zstd.ts';
import type { EncodedBatch } from '../../../src/shared/encoded-batch.ts';
import { mayContainTraceId } from '../../../src/shared/trace-filter.ts';
import { chooseSeed, TestRandom } from '../../random.ts';
import { expectedCounts, readArrowRows } from '../arrow-batch.ts';
import { DecoderHarness, type Row, receivedTime } from '../decode/decoder-harness.ts';
import type { RandomRequests } from '../random-requests.ts';
import { type SampledSignal, sampledSignals } from '../sampled-signals.ts';
import { readBodyBuffers } from './body-buffers.ts';

const seed = chooseSeed();
console.log(`SEED=${seed}`);
const random = new TestRandom(seed);
const compress = nativeCompress(zstdLevel);

interface Encoded {
  readonly zstd: EncodedBatch;
  readonly none: EncodedBatch;
  /** The rows that protobufjs decodes from the requests. */
  readonly rows: readonly Row[];
}

/** A decoder of one signal, and encoders with and without compression. */
class Bench {
  readonly harness: DecoderHarness;
  readonly encoders: Readonly<Record<'zstd' | 'none', BatchEncoder>>;
  readonly #sampled: SampledSignal;
  readonly #requests: RandomRequests;

  constructor(sampled: SampledSignal) {
    this.harness = new DecoderHarness(sampled.signal);
    const { decoder } = this.harness;
    this.encoders = {
      zstd: new BatchEncoder(decoder, 'zstd', compress),
      none: new BatchEncoder(decoder, 'none', compress),
    };
    this.#sampled = sampled;
    this.#requests = new sampled.Requests(random, { irregularity: 0.02 });
  }

  /**
   * Decodes `requestCount` requests, each `times` times in succession, and encodes them both ways.
   */
  encodeBoth(requestCount: number, times = 1): Encoded {
    const { harness, encoders } = this;
    const { signal } = this.#sampled;
    harness.reset();
    const rows: Row[] = [];
    for (let batchId = 1n; batchId <= requestCount * times; ) {
      const request = this.#requests.request();
      const expected = this.#sampled.rows(request);
      for (let time = 0; time < times; time++, batchId++) {
        assert.equal(harness.decode(request), expected.length);
        for (const row of expected) rows.push({ ...row, batch_id: batchId });
      }
    }
    return { zstd: encoders.zstd.encode(signal), none: encoders.none.encode(signal), rows };
  }
}

function buffersOf(batch: EncodedBatch): Uint8Array[] {
  return readBodyBuffers(batch.body, batch.buffers, batch.compression);
}

/** Returns the values of a column that are not NULL. */
function known<T>(rows: readonly Row[], column: string): T[] {
  return rows.map((row) => row[column] as T).filter((value) => value !== null);
}

for (const sampled of sampledSignals) {
  describe(`record batch of ${sampled.signal}`, () => {
    const { signal } = sampled;
    const bench = new Bench(sampled);

    it('buffers: the same with zstd and without, as many as the schema has', () => {
      for (const [requestCount, times] of [
        [0, 1],
        [1, 1],
        [12, 1],
        [80, 1],
        [10, 60],
      ] as const) {
        const { zstd, none } = bench.encodeBoth(requestCount, times);
        assert.deepEqual(buffersOf(zstd), buffersOf(none));
        assert.deepEqual(zstd.nodes, none.nodes);
        const counts = { nodes: zstd.nodes.length / 2, buffers: zstd.buffers.length / 2 };
        assert.deepEqual(counts, expectedCounts(signal));
      }
    });

    it('rows: apache-arrow reads what protobufjs decodes, with zstd and without', () => {
      for (const [requestCount, times] of [
        [12, 1],
        [50, 1],
        [5, 40],
      ] as const) {
        const { zstd, none, rows } = bench.encodeBoth(requestCount, times);
        assert.deepEqual(readArrowRows(zstd, signal), rows);
        assert.deepEqual(readArrowRows(none, signal), rows);
        assert.equal(zstd.rows, rows.length);
      }
    });

    it('size: compressed batches are smaller', () => {
      const { zstd, none } = bench.encodeBoth(150);
      assert.ok(zstd.body.byteLength < none.body.byteLength / 2);
    });

    it('stats: rows, times and services as the rows have them', () => {
      const { zstd, none, rows } = bench.encodeBoth(100);
      assert.deepEqual(zstd.stats, none.stats);
      const times = known<bigint>(rows, sampled.time).sort((a, b) => (a < b ? -1 : 1));
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
      const { firstTime, lastTime, services } = bench.encodeBoth(0).zstd.stats;
      assert.deepEqual([firstTime, lastTime, services], [null, null, []]);
    });

    if (!sampled.hasTraceIds) {
      it('trace ids: a signal that has none has no filter', () => {
        assert.equal(bench.encodeBoth(10).none.traceIdFilter, undefined);
      });
    } else {
      it('trace ids: each is in the filter, and few that are not there', () => {
        const { zstd, rows } = bench.encodeBoth(300);
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
    }

    it('memory: a batch that is encoded again gives the same body in the same place', () => {
      const { zstd } = bench.encodeBoth(50);
      const before = Buffer.from(zstd.body);
      const again = bench.encoders.zstd.encode(signal);
      assert.equal(again.body.byteOffset, zstd.body.byteOffset);
      assert.deepEqual(Buffer.from(again.body), before);
    });

    it('memory: many batches take no more than the first ones', () => {
      for (let batch = 0; batch < 3; batch++) bench.encodeBoth(30, 10);
      const before = bench.harness.decoder.memory.buffer.byteLength;
      for (let batch = 0; batch < 15; batch++) bench.encodeBoth(8, 10);
      assert.equal(bench.harness.decoder.memory.buffer.byteLength, before);
    });
  });
}
