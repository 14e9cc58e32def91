/** Every fault of a segment is found, unless it changes nothing for any reader. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Field, Float64, RecordBatchReader } from 'apache-arrow';
import { BatchEncoder } from '../../../src/columns/arrow/batch-encoder.ts';
import { nativeCompress, zstdLevel } from '../../../src/columns/arrow/zstd.ts';
import { schemaMessage } from '../../../src/columns/schema.ts';
import { checkSegment } from '../../../src/disk/check/segment-check.ts';
import { readArrowSchema } from '../../../src/disk/ipc/arrow-schema.ts';
import { endOfStream, messagePrefixBytes } from '../../../src/disk/ipc/ipc-format.ts';
import { readMessages, type StreamMessage } from '../../../src/disk/ipc/ipc-reader.ts';
import { nativeDecompress } from '../../../src/disk/ipc/zstd.ts';
import { SegmentWriter } from '../../../src/disk/segment/segment-writer.ts';
import { nodeStorage } from '../../../src/disk/storage.ts';
import { signalNumber } from '../../../src/shared/signal.ts';
import { DecoderHarness } from '../../columns/decode/decoder-harness.ts';
import { RandomTraces } from '../../columns/random-traces.ts';
import { chooseSeed, seededRandom, TestRandom } from '../../random.ts';
import { fileOf } from '../arrow-file.ts';
import '../arrow-stream.ts';
import { memoryFile } from '../memory-file.ts';
import { temporaryFolders } from '../temporary-folder.ts';
import { checkBytes } from '../thing-check.ts';
import {
  prefixed,
  stored,
  thingBatch,
  thingFields,
  thingParts,
  thingRecorder,
  thingSchemaMessage,
  thingSchemaMetadata,
  thingSchemas,
  thingSegment,
} from '../thing-segment.ts';

/** Returns offset and text of each fault. */
async function faultsIn(bytes: Uint8Array): Promise<[number, string][]> {
  const { faults } = await checkBytes(bytes);
  return faults.map(({ offset, what }) => [offset, what]);
}

async function textsIn(bytes: Uint8Array): Promise<string[]> {
  return (await faultsIn(bytes)).map(([, what]) => what);
}

function messagesOf(bytes: Uint8Array): StreamMessage[] {
  return [...readMessages(memoryFile(bytes), 0)].filter((item) => item.kind !== 'end');
}

const thingSchema = thingSchemaMessage();
const first = thingBatch(thingParts(1, 3));
const second = thingBatch(thingParts(4, 4));
const secondOffset = thingSchema.length + first.length;
const endOffset = secondOffset + second.length;

describe('segment check', () => {
  it('a sound segment, compressed or not: has no fault', async () => {
    for (const compression of ['zstd', 'none'] as const) {
      const bytes = thingSegment({ compression });
      const counts = { batches: 2, rows: 7 };
      assert.deepEqual(await checkBytes(bytes), {
        state: 'sealed',
        bytes: bytes.length,
        counts,
        faults: [],
      });
    }
  });

  it('a file that ends behind a whole message: is active, and has no fault', async () => {
    for (const parts of [[thingSchema], [thingSchema, first], [thingSchema, first, second]]) {
      const { state, faults } = await checkBytes(Buffer.concat(parts));
      assert.deepEqual([state, faults], ['active', []]);
    }
  });

  it('progress: adds up to the messages', async () => {
    let bytes = 0;
    const file = thingSegment();
    await checkSegment(0, {
      storage: memoryFile(file),
      decompress: nativeDecompress(),
      schemas: thingSchemas(),
      onProgress: (more) => {
        bytes += more;
      },
    });
    assert.equal(bytes, file.length - endOfStream.byteLength);
  });

  it('an empty file, and files of others', async () => {
    assert.deepEqual(await faultsIn(Buffer.alloc(0)), [[0, 'the file is empty']]);
    const text = Buffer.from('time,name\n1,a\n2,b\n');
    const rest = 'the last 18 bytes are no part of the stream: no message starts here';
    assert.deepEqual(await faultsIn(text), [[0, rest]]);
    assert.match(
      (await textsIn(Buffer.from('ARROW1\0\0and so on, a file and no stream'))).join(),
      /no message/,
    );
  });

  it('a stream of another program: is sound as Arrow and not as a segment', async () => {
    const stream = thingSchemaMessage(thingFields, new Map());
    assert.deepEqual(await faultsIn(Buffer.concat([stream, endOfStream])), [
      [0, 'the schema does not say otlp.archive.writer'],
      [0, 'the schema does not say otlp.archive.recorder'],
      [0, 'the schema names no otlp.archive.schema: not one that is known here (things/1)'],
    ]);
  });

  it('a schema that is not as this version writes it: the first difference is said', async () => {
    const known = (fields: readonly Field[]) => textsIn(thingSchemaMessage(fields));
    const wrongType = [...thingFields];
    wrongType[7] = new Field('batch_id', new Float64(), false);
    assert.deepEqual(await known(wrongType), [
      'the schema has batch_id: float64 where things/1 has batch_id: int64',
    ]);
    assert.deepEqual(await known(thingFields.slice(0, 7)), [
      'the schema has nothing where things/1 has batch_id: int64',
    ]);
    assert.deepEqual(await known([...thingFields, new Field('more', new Float64(), true)]), [
      'the schema has more: float64? where things/1 has nothing',
    ]);
    const metadata = new Map([...thingSchemaMetadata, ['otlp.archive.schema', 'things/2']]);
    assert.deepEqual(await faultsIn(thingSchemaMessage(thingFields, metadata)), [
      [0, 'the schema is things/2: not one that is known here (things/1)'],
    ]);
  });

  it('a schema that cannot be used: is said, and the bodies are summed all the same', async () => {
    const fields = [new Field('c', new Float64(), true, new Map([['a', 'b']]))];
    const damaged = Buffer.from(first);
    damaged[damaged.length - 1]! ^= 1;
    const bytes = Buffer.concat([thingSchemaMessage(fields), damaged]);
    assert.deepEqual(await textsIn(bytes), [
      'the schema cannot be used: its column c has a dictionary or metadata',
      'the body does not have the checksum of archer.crc32',
      `archer.wal is of recorder ${thingRecorder}, and the schema is not`,
    ]);
  });

  it('a wrong checksum: is found where the body lies', async () => {
    const wrong = thingBatch(thingParts(1, 3), {
      changeMetadata: (metadata) => {
        metadata.set('archer.crc32', '00000000');
      },
    });
    const bytes = Buffer.concat([thingSchema, wrong, endOfStream]);
    const { bodyOffset } = messagesOf(bytes)[1]!;
    assert.deepEqual(await faultsIn(bytes), [
      [bodyOffset, 'the body does not have the checksum of archer.crc32'],
    ]);
  });

  it('a wrong row count: is found in every column', async () => {
    const parts = thingParts(1, 3);
    parts.rows = 4;
    const bytes = Buffer.concat([thingSchema, thingBatch(parts), endOfStream]);
    const faults = await textsIn(bytes);
    for (const column of ['start_time', 'trace_id', 'service_name', 'is_odd', 'events', 'extra']) {
      assert.ok(faults.includes(`column ${column}: it has 3 values where 4 belong`), column);
    }
    assert.ok(faults.includes('archer.stats says rows 3 and the rows 4'));
  });

  it('a hostile row count: needs no memory to be found', async () => {
    const parts = thingParts(1, 3);
    parts.rows = 2 ** 31 - 1;
    for (let node = 0; node < parts.nodes.length; node += 2) parts.nodes[node] = parts.rows;
    const before = process.memoryUsage().rss;
    const faults = await faultsIn(Buffer.concat([thingSchema, thingBatch(parts)]));
    assert.ok(faults.length > 5);
    assert.ok(process.memoryUsage().rss - before < 64 * 1024 * 1024);
  });

  it('buffers that overlap, or lie outside: the header is said to be wrong', async () => {
    const batch = thingBatch(thingParts(1, 3), {
      changePlaces: (places) => {
        places[2] = 1_000_000;
      },
    });
    assert.deepEqual(await faultsIn(Buffer.concat([thingSchema, batch])), [
      [
        thingSchema.length,
        "the batch's header cannot be right: buffer 1 starts at 1000000 of the body and not at 16",
      ],
    ]);
  });

  it('a frame that is none, and a prefix that lies: the column is named', async () => {
    const store =
      (wrong: (content: Uint8Array) => Uint8Array) => (name: string, content: Uint8Array) =>
        name === 'received_time' ? wrong(content) : stored(name, content);
    const faultOf = (wrong: (content: Uint8Array) => Uint8Array) => {
      const batch = thingBatch(thingParts(1, 3), { store: store(wrong) });
      return textsIn(Buffer.concat([thingSchema, batch]));
    };
    const column = 'column received_time:';
    const noFrame = (content: Uint8Array) => prefixed(24, content.slice(0, 9));
    assert.deepEqual(await faultOf(noFrame), [`${column} it does not decompress to 24 bytes`]);
    const lying = (content: Uint8Array) => prefixed(2 ** 40, content.slice(0, 9));
    assert.deepEqual(await faultOf(lying), [
      `${column} its prefix says ${2 ** 40} bytes where 24 belong`,
    ]);
  });

  it('positions that do not rise from batch to batch, or are of another recorder', async () => {
    const bytes = Buffer.concat([thingSchema, second, first]);
    assert.deepEqual(await faultsIn(bytes), [
      [
        thingSchema.length + second.length,
        'archer.wal starts at 1, after position 7: it must rise',
      ],
    ]);
    const foreign = thingBatch(thingParts(1, 3), {
      changeMetadata: (metadata) => {
        metadata.set('archer.wal', metadata.get('archer.wal')!.replace('0f8f', '1f8f'));
      },
    });
    const recorder = '1f8fad5b-d9cb-469f-a165-70867728950e';
    assert.deepEqual(await faultsIn(Buffer.concat([thingSchema, foreign])), [
      [thingSchema.length, `archer.wal is of recorder ${recorder}, and the schema is not`],
    ]);
  });

  it('bytes behind the end mark: are no part of the stream', async () => {
    const bytes = Buffer.concat([thingSegment(), Buffer.from('more')]);
    assert.deepEqual(await faultsIn(bytes), [
      [bytes.length - 4, 'the last 4 bytes are no part of the stream: bytes follow the end mark'],
    ]);
  });

  it('zeros behind the last batch, as a loss of power leaves them', async () => {
    const bytes = Buffer.concat([thingSchema, first, Buffer.alloc(4096)]);
    assert.deepEqual(await faultsIn(bytes), [
      [secondOffset, 'the last 4096 bytes are no part of the stream: no message starts here'],
    ]);
  });

  it('a file damaged throughout: is given up after a hundred faults', async () => {
    const broken = thingBatch(thingParts(1, 3), {
      changeMetadata: (metadata) => {
        metadata.clear();
      },
    });
    const bytes = Buffer.concat([thingSchema, ...new Array(60).fill(broken)]);
    const faults = await faultsIn(bytes);
    assert.equal(faults.length, 101);
    assert.equal(faults[100]?.[1], 'more is wrong from here on');
  });

  it('a file cut at any byte: is torn, or active behind a whole message', async () => {
    const bytes = thingSegment();
    const whole = [thingSchema.length, secondOffset, endOffset];
    for (let length = 1; length < bytes.length; length++) {
      const { state, faults } = await checkBytes(bytes.subarray(0, length));
      const start = [0, ...whole].findLast((offset) => offset <= length) ?? 0;
      assert.equal(state, start === length ? 'active' : 'torn', `${length} bytes`);
      if (state === 'active') assert.deepEqual(faults, []);
      else {
        const rest = `the last ${length - start} bytes are no part of the stream`;
        assert.deepEqual(faults, [
          {
            code: 'ERR_ARCHER_SEGMENT_TORN',
            offset: start,
            what: `${rest}: a message is cut short`,
          },
        ]);
      }
    }
  });
});

describe('segment check, byte by byte', () => {
  /**
   * Returns all that a reader gets from a segment, except the name of the writer in the schema's
   * metadata.
   */
  function contentOf(bytes: Uint8Array) {
    const reader = RecordBatchReader.from(bytes).open();
    const fields = reader.schema.fields.map(String);
    const metadata = new Map(reader.schema.metadata);
    // Any text is allowed here, because only people read it.
    metadata.delete('otlp.archive.writer');
    const rows = [...reader].flatMap((batch) =>
      batch.toArray().map((row) => JSON.stringify(row, exact)),
    );
    const entries = messagesOf(bytes).map(({ customMetadata }) =>
      [...customMetadata].filter(isFact),
    );
    return { fields, metadata, rows, entries };
  }

  /** A filter with additional bits still finds its ids, as the check has verified. */
  function isFact([key]: readonly [string, string]): boolean {
    return key !== 'archer.trace_ids';
  }

  function exact(_key: string, value: unknown): unknown {
    if (typeof value === 'bigint') return String(value);
    return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
  }

  for (const compression of ['zstd', 'none'] as const) {
    it(`${compression}, any byte changed: a fault is found, or it means nothing`, async () => {
      const random = seededRandom();
      const sound = thingSegment({ compression });
      const expected = contentOf(sound);
      let meaningless = 0;
      for (let offset = 0; offset < sound.length; offset++) {
        const bytes = Buffer.from(sound);
        bytes[offset]! ^= random.below(2) === 0 ? 255 : 1 << random.below(8);
        if ((await checkBytes(bytes)).faults.length > 0) continue;
        meaningless++;
        assert.deepEqual(
          contentOf(bytes),
          expected,
          `byte ${offset}, ${sound[offset]} -> ${bytes[offset]}`,
        );
      }
      // The bytes without effect are padding of flatbuffers, the writer's name and spare bits of
      // the filter. They are at most a twentieth.
      assert.ok(
        meaningless > 0 && meaningless < sound.length / 12,
        `${meaningless} of ${sound.length}`,
      );
    });
  }
});

describe('segment check, of real segments', () => {
  const newFolder = temporaryFolders();
  const origin = { writer: 'otlp-archer 0.1.0', recorder: thingRecorder };
  const spanSchema = schemaMessage('traces', origin);
  const spans = readArrowSchema(spanSchema.subarray(messagePrefixBytes));
  assert.ok(typeof spans !== 'string');
  const schemas = new Map([['spans/1', spans]]);

  it('random requests, decoded, encoded and written: have no fault', async () => {
    const seed = chooseSeed();
    console.log(`SEED=${seed}`);
    const random = new TestRandom(seed);
    const requests = new RandomTraces(random, { irregularity: 0.02 });
    const harness = new DecoderHarness();
    const compress = nativeCompress(zstdLevel);
    const outputDir = newFolder();
    const writer = new SegmentWriter({
      ...{ storage: nodeStorage, outputDir, signal: 'traces', lane: 0 },
      ...{ recorderId: thingRecorder, schemaMessage: spanSchema, nextNumber: () => 1 },
      limits: { segmentBytesMax: 0, segmentAgeMaxMs: 0 },
    });
    let position = 0n;
    for (const [requestCount, times, compression] of [
      [1, 1, 'zstd'],
      [40, 1, 'none'],
      [5, 200, 'none'],
      [5, 200, 'zstd'],
      [300, 3, 'zstd'],
    ] as const) {
      const ids: bigint[] = [];
      for (let count = 0; count < requestCount; count++) {
        const request = requests.request();
        for (let time = 0; time < times; time++) {
          const rows = harness.decode(request);
          assert.ok(rows >= 0);
          position++;
          if (rows > 0) ids.push(position);
        }
      }
      const batch = new BatchEncoder(harness.decoder, compression, compress).encode('traces');
      if (batch.rows > 0) writer.append(batch, { from: ids[0]!, to: ids.at(-1)! });
      harness.decoder.reset(signalNumber('traces'));
    }
    const { path, rows } = writer.seal()!;
    const file = nodeStorage.open(join(outputDir, path), 'read');
    const options = { storage: nodeStorage, decompress: nativeDecompress(), schemas };
    const { state, counts, faults } = await checkSegment(file, options);
    nodeStorage.close(file);
    assert.deepEqual(faults, []);
    assert.deepEqual([state, counts.rows], ['sealed', rows]);
    assert.ok(rows > 1000);
  });
});

describe('segment check of an Arrow IPC file', () => {
  const file = fileOf(thingSegment());
  const streamEnd = 8 + endOffset + 8;

  it('a sound one: has no fault, and is sealed', async () => {
    const { state, faults, counts, bytes } = await checkBytes(file);
    assert.deepEqual([state, faults, bytes], ['sealed', [], file.length]);
    assert.deepEqual(counts, { batches: 2, rows: 7 });
  });

  it('a footer that is cut short or missing: is told', async () => {
    const missing = [[streamEnd, 'the footer is missing']];
    for (const end of [streamEnd, streamEnd + 40, file.length - 1]) {
      assert.deepEqual(await faultsIn(file.subarray(0, end)), missing);
    }
  });

  it('a footer of another file: is told', async () => {
    const other = Buffer.concat([thingSchema, first, endOfStream]);
    const footer = fileOf(other).subarray(8 + other.length);
    const bytes = Buffer.concat([file.subarray(0, streamEnd), footer]);
    const what = 'the footer names 1 batches and the stream has 2';
    assert.deepEqual(await faultsIn(bytes), [[streamEnd, what]]);
  });

  it('no end mark: is torn', async () => {
    const { state, faults } = await checkBytes(file.subarray(0, streamEnd - 8));
    assert.equal(state, 'torn');
    assert.match(faults[0]?.what ?? '', /a message is cut short/);
  });
});
