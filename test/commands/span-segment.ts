/** An output directory with a segment of spans, as a recorder of its own would have left it. */
import { join } from 'node:path';
import { BatchEncoder } from '../../src/columns/arrow/batch-encoder.ts';
import { nativeCompress, zstdLevel } from '../../src/columns/arrow/zstd.ts';
import { schemaMessage } from '../../src/columns/schema.ts';
import { SegmentWriter } from '../../src/disk/segment/segment-writer.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { signalNumber } from '../../src/shared/signal.ts';
import { DecoderHarness } from '../columns/decode/decoder-harness.ts';
import { RandomTraces } from '../columns/random-traces.ts';
import { TestRandom } from '../random.ts';

const recorderId = '0f8fad5b-d9cb-469f-a165-70867728950e';

/** Always the same ones. */
const seed = 7;
const requestsPerBatch = 20;

export interface SpanSegment {
  /** With the output directory before it. */
  readonly path: string;
  readonly rows: number;
  /** The position of the last request in each batch. */
  readonly lastPositions: readonly bigint[];
}

/** A segment of two batches, sealed or as it is while it is written. */
export function writeSpanSegment(outputDir: string, number = 1, isSealed = true): SpanSegment {
  const requests = new RandomTraces(new TestRandom(seed), { irregularity: 0 });
  const harness = new DecoderHarness();
  const encoder = new BatchEncoder(harness.decoder, 'zstd', nativeCompress(zstdLevel));
  const writer = new SegmentWriter({
    ...{ storage: nodeStorage, outputDir, signal: 'traces', lane: 0, recorderId },
    schemaMessage: schemaMessage('traces', { writer: 'otlp-archer 0.1.0', recorder: recorderId }),
    limits: { segmentBytesMax: 0, segmentAgeMaxMs: 0 },
    nextNumber: () => number,
  });
  const lastPositions: bigint[] = [];
  for (let position = 0n; lastPositions.length < 2; ) {
    const positions: bigint[] = [];
    while (positions.length < requestsPerBatch) {
      position++;
      if (harness.decode(requests.request()) > 0) positions.push(position);
    }
    writer.append(encoder.encode('traces'), { from: positions[0]!, to: positions.at(-1)! });
    lastPositions.push(positions.at(-1)!);
    // harness.reset() would count the batch ids from 1 again.
    harness.decoder.reset(signalNumber('traces'));
  }
  const { path, rows } = writer.active!;
  if (isSealed) writer.seal();
  return { path: join(outputDir, path), rows, lastPositions };
}
