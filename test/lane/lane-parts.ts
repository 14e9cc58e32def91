/** The parts of a lane without rings: decoder, batches and segments over a folder of its own. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { BatchEncoder } from '../../src/columns/arrow/batch-encoder.ts';
import {
  createDecoderMemory,
  openRequestDecoder,
  type RequestDecoder,
} from '../../src/columns/request-decoder.ts';
import { schemaMessage } from '../../src/columns/schema.ts';
import { SegmentWriter } from '../../src/disk/segment/segment-writer.ts';
import { Batches } from '../../src/lane/batches.ts';
import {
  createTallies,
  readTallies,
  type TallyCounter,
  TallyWriter,
} from '../../src/ring/tallies.ts';
import { toBatchId } from '../../src/shared/batch-id.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import { signalNumber } from '../../src/shared/signal.ts';
import { unsyncedStorage } from '../disk/unsynced-storage.ts';
import { readArchive } from '../query/recorded-rows.ts';
import { makeFolder } from '../recorder/recorder-process.ts';

const wasm = new URL('../../src/columns/decode/decoder.wasm', import.meta.url);
const decoderModule = new WebAssembly.Module(readFileSync(wasm));

export const noon = Date.UTC(2026, 0, 31, 12);
export const noonNs = BigInt(noon) * 1_000_000n;

interface PartsOptions {
  readonly rowsMax?: number;
  readonly bytesMax?: number;
  /** How the batches count. */
  readonly counter?: (tallies: TallyCounter) => TallyCounter;
}

export function openParts(options: PartsOptions = {}) {
  const { rowsMax = 10_000, bytesMax = 2 ** 26, counter = (tallies) => tallies } = options;
  const clock = new ManualClock(noon);
  const outputDir = makeFolder();
  const recorderId = randomUUID();
  const decoder: RequestDecoder = openRequestDecoder(decoderModule, createDecoderMemory());
  const tallyBuffer = createTallies(1);
  const tallies = new TallyWriter(tallyBuffer, 0);
  let number = 1;
  const segment = new SegmentWriter({
    ...{ storage: unsyncedStorage, outputDir, signal: 'traces', lane: 0, recorderId },
    schemaMessage: schemaMessage('traces', { writer: 'test', recorder: recorderId }),
    limits: { segmentBytesMax: 0, segmentAgeMaxMs: 0 },
    nextNumber: () => number++,
  });
  const encoder = new BatchEncoder(decoder, 'none', (bytes) => bytes);
  const batches = new Batches({
    limits: { rowsMax, ageMaxMs: 5_000 },
    ...{ clock, decoder, tallies: counter(tallies) },
    segments: new Map([['traces', segment]]),
    encode: (signal) => encoder.encode(signal),
  });
  return {
    ...{ clock, outputDir, recorderId, tallies, segment, batches, decoder, bytesMax },
    tally: () => readTallies(tallyBuffer).traces,
    archived: () => readArchive(outputDir),
  };
}

/** Decodes a request and holds its rows; returns how many they are. */
export function hold(
  { batches, decoder, bytesMax, tallies }: ReturnType<typeof openParts>,
  body: Uint8Array,
  position: number,
  receivedTimeNs = noonNs,
): number {
  const bodyAddress = decoder.allocate(body.length + 16);
  decoder.bytes.set(body, bodyAddress);
  const batchId = toBatchId(0, position);
  const frame = [bodyAddress, body.length, receivedTimeNs, batchId, bytesMax] as const;
  const rows = decoder.decode(signalNumber('traces'), ...frame);
  decoder.free(bodyAddress);
  batches.hold('traces', position, receivedTimeNs, rows);
  tallies.add('traces', { received: rows, pending: rows });
  return rows;
}
