/** The column types that only metrics have: booleans, doubles, lists of numbers, nullable lists. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { BatchEncoder } from '../../../src/columns/arrow/batch-encoder.ts';
import { nativeCompress, zstdLevel } from '../../../src/columns/arrow/zstd.ts';
import { schemaMessage } from '../../../src/columns/schema.ts';
import { checkSegment } from '../../../src/disk/check/segment-check.ts';
import { type ArrowSchema, readArrowSchema } from '../../../src/disk/ipc/arrow-schema.ts';
import { type ColumnLayout, planBatchLayout } from '../../../src/disk/ipc/column-layout.ts';
import { endOfStream, messagePrefixBytes } from '../../../src/disk/ipc/ipc-format.ts';
import { recordBatchMessage } from '../../../src/disk/ipc/ipc-writer.ts';
import { messageMetadata } from '../../../src/disk/ipc/message-metadata.ts';
import { nativeDecompress } from '../../../src/disk/ipc/zstd.ts';
import { SegmentWriter } from '../../../src/disk/segment/segment-writer.ts';
import { nodeStorage } from '../../../src/disk/storage.ts';
import type { EncodedBatch } from '../../../src/shared/encoded-batch.ts';
import { signalNumber } from '../../../src/shared/signal.ts';
import { DecoderHarness } from '../../columns/decode/decoder-harness.ts';
import { packed, points } from '../../columns/metric-writer.ts';
import { RandomMetrics } from '../../columns/random-metrics.ts';
import {
  doubleField,
  field,
  fixed64Field,
  join as joined,
  message,
  noBytes,
  requestOf,
  varintField,
} from '../../columns/wire-writer.ts';
import { chooseSeed, TestRandom } from '../../random.ts';
import { memoryFile } from '../memory-file.ts';
import { temporaryFolders } from '../temporary-folder.ts';

const newFolder = temporaryFolders();
const recorder = '0f8fad5b-d9cb-469f-a165-70867728950e';
const schemaBytes = schemaMessage('metrics', { writer: 'otlp-archer 0.1.0', recorder });
const schema = readArrowSchema(schemaBytes.subarray(messagePrefixBytes)) as ArrowSchema;
const schemas = new Map([['metrics/1', schema]]);
const compress = nativeCompress(zstdLevel);
const decompress = nativeDecompress();

const layouts = new Map<string, ColumnLayout>();
const enter = (columns: readonly ColumnLayout[]) => {
  for (const column of columns) {
    layouts.set(column.path, column);
    enter(column.children);
  }
};
enter(planBatchLayout(schema.fields).columns);

/** A batch that a test can change: its body and the list of its nodes. */
interface Change {
  readonly nodes: number[];
  /** Returns the buffer at `place` of a column. Place 0 is the validity. */
  readonly buffer: (path: string, place: number) => DataView;
  /** Returns the index of a column's length in the nodes. The NULL count follows it. */
  readonly node: (path: string) => number;
}

/** Three gauges in rows 0 to 2, then one point of each other kind. */
const request = requestOf(
  points('gauge', doubleField(4, 0.5), fixed64Field(6, 3), noBytes),
  joined(points('sum', doubleField(4, 1))),
  points('histogram', joined(doubleField(5, 9), field(6, packed(1n, 2n)), field(7, packed(0.5)))),
  points('exponential_histogram', message(8, varintField(2, 5), varintField(2, 6))),
  points('summary', message(6, doubleField(1, 0.5))),
);

/** Returns the faults of a segment with one uncompressed batch, after a change. */
async function faultsOf(change: (batch: Change) => void): Promise<string[]> {
  const harness = new DecoderHarness('metrics');
  assert.equal(harness.decode(request), 7);
  const encoded = new BatchEncoder(harness.decoder, 'none', compress).encode('metrics');
  const body = Uint8Array.from(encoded.body);
  const nodes = [...encoded.nodes];
  const layoutOf = (path: string) => {
    const layout = layouts.get(path);
    if (layout === undefined) throw new Error(`no column ${path}`);
    return layout;
  };
  change({
    nodes,
    node: (path) => layoutOf(path).nodeIndex * 2,
    buffer: (path, place) => {
      const index = (layoutOf(path).bufferIndex + place) * 2;
      return new DataView(body.buffer, encoded.buffers[index], encoded.buffers[index + 1]);
    },
  });
  return faultsIn(segmentOf({ ...encoded, body, nodes }));
}

function segmentOf(batch: EncodedBatch): Uint8Array {
  const metadata = messageMetadata(batch, { recorder, lane: 0, from: 1n, to: 1n });
  return Buffer.concat([schemaBytes, recordBatchMessage(batch, metadata), batch.body, endOfStream]);
}

async function faultsIn(bytes: Uint8Array): Promise<string[]> {
  const options = { storage: memoryFile(bytes), decompress, schemas };
  const { faults } = await checkSegment(0, options);
  return faults.map(({ what }) => what);
}

describe('metric segment', () => {
  it('a point of each kind: no fault', async () => {
    assert.deepEqual(await faultsOf(() => {}), []);
  });

  it('booleans: the bitmap of NULLs is counted', async () => {
    const faults = await faultsOf(({ buffer }) => buffer('is_monotonic', 0).setUint8(0, 0b1100));
    assert.deepEqual(faults, ['column is_monotonic: 5 values are NULL and its field node says 6']);
  });

  it('doubles: the bitmap of NULLs is counted, and none are NULL where none may be', async () => {
    const counted = await faultsOf(({ buffer }) => buffer('value', 0).setUint8(0, 0));
    assert.deepEqual(counted, ['column value: 7 values are NULL and its field node says 4']);
    const forbidden = await faultsOf(({ nodes, node }) => {
      nodes[node('zero_threshold') + 1] = 1;
    });
    assert.deepEqual(forbidden, ['column zero_threshold: 1 values are NULL, and none may be']);
  });

  it('lists of numbers: offsets and items are counted', async () => {
    const falling = await faultsOf(({ buffer }) =>
      buffer('bucket_counts', 1).setInt32(3 * 4, 9, true),
    );
    assert.deepEqual(falling, ['column bucket_counts: the offsets fall at row 3']);
    const items = await faultsOf(({ nodes, node }) => {
      nodes[node('explicit_bounds.item')] = 2;
    });
    assert.deepEqual(items, ['column explicit_bounds.item: it has 2 values where 1 belong']);
    const behind = await faultsOf(({ buffer }) =>
      buffer('explicit_bounds', 1).setInt32(7 * 4, 2, true),
    );
    assert.deepEqual(behind, ['column explicit_bounds.item: it has 1 values where 2 belong']);
  });

  it('lists that may be NULL: the bitmap is counted; others must not be', async () => {
    const counted = await faultsOf(({ buffer }) => {
      buffer('positive_bucket_counts', 0).setUint8(0, 0b0110_0000);
    });
    assert.deepEqual(counted, [
      'column positive_bucket_counts: 5 values are NULL and its field node says 6',
    ]);
    const more = await faultsOf(({ nodes, node }) => {
      nodes[node('positive_bucket_counts') + 1] = 5;
    });
    assert.deepEqual(more, [
      'column positive_bucket_counts: 6 values are NULL and its field node says 5',
    ]);
    const forbidden = await faultsOf(({ nodes, node }) => {
      nodes[node('bucket_counts') + 1] = 1;
    });
    assert.deepEqual(forbidden, ['column bucket_counts: 1 values are NULL, and none may be']);
  });

  it('what the recorder writes of random requests: no fault', async (t) => {
    const seed = chooseSeed();
    t.diagnostic(`SEED=${seed}`);
    const metrics = new RandomMetrics(new TestRandom(seed), { irregularity: 0.02 });
    const harness = new DecoderHarness('metrics');
    const outputDir = newFolder();
    const writer = new SegmentWriter({
      ...{ storage: nodeStorage, outputDir, signal: 'metrics', lane: 0 },
      ...{ recorderId: recorder, schemaMessage: schemaBytes, nextNumber: () => 1 },
      limits: { segmentBytesMax: 0, segmentAgeMaxMs: 0 },
    });
    let position = 0n;
    for (const [requestCount, times, compression] of [
      [1, 1, 'zstd'],
      [40, 1, 'none'],
      [5, 100, 'zstd'],
      [200, 1, 'zstd'],
    ] as const) {
      const ids: bigint[] = [];
      for (let count = 0; count < requestCount; count++) {
        const bytes = metrics.request();
        for (let time = 0; time < times; time++) {
          position++;
          if (harness.decode(bytes) > 0) ids.push(position);
        }
      }
      const batch = new BatchEncoder(harness.decoder, compression, compress).encode('metrics');
      if (batch.rows > 0) writer.append(batch, { from: ids[0]!, to: ids.at(-1)! });
      harness.decoder.reset(signalNumber('metrics'));
    }
    const { path, rows } = writer.seal()!;
    const file = nodeStorage.open(join(outputDir, path), 'read');
    const { state, counts, faults } = await checkSegment(file, {
      ...{ storage: nodeStorage, decompress, schemas },
    });
    nodeStorage.close(file);
    assert.deepEqual(faults, []);
    assert.deepEqual([state, counts.rows], ['sealed', rows]);
    assert.ok(rows > 500);
  });
});
