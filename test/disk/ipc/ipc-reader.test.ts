/** Shows what the reader reports for whole, truncated, changed and foreign streams. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Builder } from 'flatbuffers';
import { endOfStream } from '../../../src/disk/ipc/ipc-format.ts';
import {
  readMessages,
  type StreamEnd,
  type StreamMessage,
} from '../../../src/disk/ipc/ipc-reader.ts';
import { recordBatchMessage } from '../../../src/disk/ipc/ipc-writer.ts';
import { seededRandom } from '../../random.ts';
import { exampleBatch, exampleRows, exampleSchemaMessage } from '../example-batch.ts';
import { FaultStorage } from '../fault-storage.ts';
import { temporaryFolders } from '../temporary-folder.ts';

const newFolder = temporaryFolders();
const folder = newFolder();

const schema = exampleSchemaMessage();
const metadata = new Map([['key', 'value']]);
const batch = exampleBatch(exampleRows(0, 100));
const message = Buffer.concat([recordBatchMessage(batch, metadata), batch.body]);
const plainBatch = exampleBatch(exampleRows(100, 5), { compression: 'none' });
const plainMessage = Buffer.concat([recordBatchMessage(plainBatch, new Map()), plainBatch.body]);
const zeros = Buffer.alloc(64);

interface ReadStream {
  readonly messages: readonly StreamMessage[];
  readonly end: StreamEnd;
}

function read(parts: readonly Uint8Array[], storage = new FaultStorage()): ReadStream {
  const path = join(folder, 'stream');
  writeFileSync(path, Buffer.concat(parts));
  const file = storage.open(path, 'read');
  try {
    const items = [...readMessages(storage, file)];
    const messages = items.filter((item) => item.kind !== 'end');
    const end = items.at(-1);
    assert.ok(end?.kind === 'end' && messages.length === items.length - 1, 'one end, at the end');
    return { messages, end };
  } finally {
    storage.close(file);
  }
}

/** Returns a framed message of two fields and a body length. */
function framed(type: number, bodyBytes: bigint, version = 4): Uint8Array {
  const builder = new Builder(64);
  builder.startObject(0);
  const header = builder.endObject();
  builder.startObject(5);
  builder.addFieldInt16(0, version, 0);
  builder.addFieldInt8(1, type, 0);
  builder.addFieldOffset(2, header, 0);
  builder.addFieldInt64(3, bodyBytes, 0n);
  builder.finish(builder.endObject());
  return prefixed(builder.asUint8Array());
}

/** Returns a batch without columns, with this compression codec and `entryCount` equal entries. */
function framedBatch(codec: number, entryCount: number): Uint8Array {
  const builder = new Builder(64);
  builder.startObject(2);
  builder.addFieldInt8(0, codec, -1);
  const compression = builder.endObject();
  builder.startObject(4);
  builder.addFieldOffset(3, compression, 0);
  const header = builder.endObject();
  const text = builder.createString('key');
  const value = builder.createString('x'.repeat(1000));
  builder.startObject(2);
  builder.addFieldOffset(0, text, 0);
  builder.addFieldOffset(1, value, 0);
  const entry = builder.endObject();
  builder.startVector(4, entryCount, 4);
  for (let index = 0; index < entryCount; index++) builder.addOffset(entry);
  const vector = builder.endVector();
  builder.startObject(5);
  builder.addFieldInt16(0, 4, 0);
  builder.addFieldInt8(1, 3, 0);
  builder.addFieldOffset(2, header, 0);
  builder.addFieldOffset(4, vector, 0);
  builder.finish(builder.endObject());
  return prefixed(builder.asUint8Array());
}

function prefixed(metadataPart: Uint8Array, lengthSaid?: number): Uint8Array {
  const prefix = Buffer.alloc(8, 0xff);
  const padding = Buffer.alloc((8 - (metadataPart.byteLength % 8)) % 8);
  prefix.writeInt32LE(lengthSaid ?? metadataPart.byteLength + padding.byteLength, 4);
  return Buffer.concat([prefix, metadataPart, padding]);
}

describe('readMessages', () => {
  it('a sealed stream: gives its messages and the end mark', () => {
    const { messages, end } = read([schema, message, plainMessage, endOfStream]);
    const [first, second, third] = messages;
    assert.equal(first?.kind, 'schema');
    assert.equal(first?.bodyBytes, 0);
    assert.equal(second?.kind, 'recordBatch');
    assert.equal(second?.offset, schema.byteLength);
    assert.equal(second?.rows, 100);
    assert.equal(second?.compression, 'zstd');
    assert.deepEqual(second?.customMetadata, metadata);
    assert.equal(second?.bodyBytes, batch.body.byteLength);
    assert.equal(second.bodyOffset + second.bodyBytes, schema.byteLength + message.byteLength);
    assert.equal(third?.compression, 'none');
    assert.equal(third?.rows, 5);
    const bytes = schema.byteLength + message.byteLength + plainMessage.byteLength + 8;
    assert.deepEqual(end, { kind: 'end', state: 'sealed', offset: bytes });
  });

  it('a key that comes twice: has its first value', () => {
    const twice = new Map([
      ['key', 'first'],
      ['kez', 'second'],
    ]);
    const doubled = Buffer.from(recordBatchMessage(batch, twice));
    doubled.write('key', doubled.indexOf('kez'));
    const { messages } = read([schema, doubled, batch.body]);
    assert.deepEqual(messages[1]?.customMetadata, new Map([['key', 'first']]));
  });

  it('a stream without end mark: is open behind its last message', () => {
    const bytes = schema.byteLength + message.byteLength;
    assert.deepEqual(read([schema, message]).end, { kind: 'end', state: 'open', offset: bytes });
    const schemaOnly = { kind: 'end', state: 'open', offset: schema.byteLength };
    assert.deepEqual(read([schema]).end, schemaOnly);
  });

  it('reads that give little: lead to the same', () => {
    const storage = new FaultStorage();
    storage.bytesPerCallMax = 3;
    assert.deepEqual(read([schema, message], storage), read([schema, message]));
  });

  it('bodies: are not read', () => {
    const storage = new FaultStorage();
    let bytes = 0;
    const inner = storage.read;
    storage.read = (file, view, position) => {
      const count = inner(file, view, position);
      bytes += count;
      return count;
    };
    read([schema, message, endOfStream], storage);
    const bodyBytes = batch.body.byteLength;
    // The first 8 bytes come twice, because they distinguish an Arrow IPC file from a stream.
    assert.equal(bytes, 8 + schema.byteLength + message.byteLength - bodyBytes + 8);
  });

  it('cut at every byte of the last message: is torn behind the one before', () => {
    const whole = Buffer.concat([schema, message, plainMessage]);
    const lastOffset = schema.byteLength + message.byteLength;
    for (let length = lastOffset + 1; length < whole.byteLength; length++) {
      const { messages, end } = read([whole.subarray(0, length)]);
      assert.equal(messages.length, 2);
      assert.deepEqual(end, {
        kind: 'end',
        state: 'torn',
        offset: lastOffset,
        fault: 'a message is cut short',
      });
    }
  });

  it('cut at every byte of the schema: is torn from the start', () => {
    for (let length = 1; length < schema.byteLength; length++) {
      const { messages, end } = read([schema.subarray(0, length)]);
      assert.equal(messages.length, 0);
      assert.equal(end.offset, 0);
      assert.equal(end.fault, 'a message is cut short');
    }
  });

  it('cut at every byte of the end mark: is torn behind the last message', () => {
    for (let length = 1; length < 8; length++) {
      const { end } = read([schema, message, endOfStream.subarray(0, length)]);
      assert.equal(end.state, 'torn');
      assert.equal(end.offset, schema.byteLength + message.byteLength);
    }
  });

  const behind = schema.byteLength + message.byteLength;
  const cases: { name: string; parts: Uint8Array[]; offset: number; fault: StreamEnd['fault'] }[] =
    [
      { name: 'an empty file', parts: [], offset: 0, fault: 'the file is empty' },
      {
        name: 'zeros behind the last message, as power loss leaves them',
        parts: [schema, message, zeros],
        offset: behind,
        fault: 'no message starts here',
      },
      {
        name: 'bytes behind the end mark',
        parts: [schema, message, endOfStream, zeros.subarray(0, 1)],
        offset: behind + 8,
        fault: 'bytes follow the end mark',
      },
      {
        name: 'a second stream behind the end mark',
        parts: [schema, message, endOfStream, schema, message, endOfStream],
        offset: behind + 8,
        fault: 'bytes follow the end mark',
      },
      {
        name: 'a second schema',
        parts: [schema, message, schema],
        offset: behind,
        fault: 'not a message of ours',
      },
      {
        name: 'a batch before the schema',
        parts: [message],
        offset: 0,
        fault: 'not a message of ours',
      },
      {
        name: 'an end mark before the schema',
        parts: [endOfStream],
        offset: 0,
        fault: 'not a message of ours',
      },
      {
        name: 'a dictionary batch',
        parts: [schema, framed(2, 0n)],
        offset: schema.byteLength,
        fault: 'not a message of ours',
      },
      {
        name: 'an older metadata version',
        parts: [schema, framed(3, 0n, 3)],
        offset: schema.byteLength,
        fault: 'not a message of ours',
      },
      {
        name: 'a frame without continuation marker, as Arrow had before 0.15',
        parts: [schema.subarray(4)],
        offset: 0,
        fault: 'no message starts here',
      },
      {
        name: 'a schema with a body',
        parts: [framed(1, 8n), zeros.subarray(0, 8)],
        offset: 0,
        fault: 'the body length is out of bounds',
      },
      {
        name: 'a body of negative length',
        parts: [schema, framed(3, -8n)],
        offset: schema.byteLength,
        fault: 'the body length is out of bounds',
      },
      {
        name: 'a body that is not padded',
        parts: [schema, framed(3, 7n), zeros],
        offset: schema.byteLength,
        fault: 'the body length is out of bounds',
      },
      {
        name: 'a body of 2^62 bytes',
        parts: [schema, framed(3, 2n ** 62n), zeros],
        offset: schema.byteLength,
        fault: 'the body length is out of bounds',
      },
      {
        name: 'a body of 2^52 bytes',
        parts: [schema, framed(3, 2n ** 52n), zeros],
        offset: schema.byteLength,
        fault: 'a message is cut short',
      },
      {
        name: 'metadata of negative length',
        parts: [schema, prefixed(zeros, -8)],
        offset: schema.byteLength,
        fault: 'the metadata length is out of bounds',
      },
      {
        name: 'metadata of 2 GiB',
        parts: [schema, prefixed(zeros, 2 ** 31 - 8)],
        offset: schema.byteLength,
        fault: 'the metadata length is out of bounds',
      },
      {
        name: 'metadata that is not padded',
        parts: [schema, prefixed(zeros, 63), zeros],
        offset: schema.byteLength,
        fault: 'the metadata length is out of bounds',
      },
      {
        name: 'a batch compressed with LZ4',
        parts: [schema, framedBatch(0, 1)],
        offset: schema.byteLength,
        fault: 'not a message of ours',
      },
      {
        name: 'entries that share their text and so are more than there is',
        parts: [schema, framedBatch(1, 60)],
        offset: schema.byteLength,
        fault: 'the metadata cannot be read',
      },
      {
        name: 'rows below zero',
        parts: [schema, recordBatchMessage({ ...batch, rows: -1 }, metadata), batch.body],
        offset: schema.byteLength,
        fault: 'the metadata cannot be read',
      },
      {
        name: 'more rows than a column can have',
        parts: [schema, recordBatchMessage({ ...batch, rows: 2 ** 31 }, metadata), batch.body],
        offset: schema.byteLength,
        fault: 'the metadata cannot be read',
      },
      {
        name: 'metadata of zeros',
        parts: [schema, prefixed(zeros)],
        offset: schema.byteLength,
        fault: 'the metadata cannot be read',
      },
      {
        name: 'metadata of noise',
        parts: [schema, prefixed(Buffer.alloc(64, 0xaa))],
        offset: schema.byteLength,
        fault: 'the metadata cannot be read',
      },
    ];
  for (const { name, parts, offset, fault } of cases) {
    it(`${name}: is torn there`, () => {
      assert.deepEqual(read(parts).end, { kind: 'end', state: 'torn', offset, fault });
    });
  }

  it('random changes of a stream: never throw, and never lead behind its end', () => {
    const random = seededRandom();
    const whole = Buffer.concat([schema, message, plainMessage, endOfStream]);
    for (let round = 0; round < 3000; round++) {
      const bytes = Buffer.from(whole.subarray(0, 1 + random.below(whole.byteLength)));
      for (let change = random.below(6); change > 0; change--) {
        bytes[random.below(bytes.byteLength)] = random.below(3) === 0 ? 255 : random.below(256);
      }
      const { messages, end } = read([bytes]);
      assert.ok(end.offset <= bytes.byteLength);
      assert.equal(end.state === 'torn', end.fault !== undefined);
      const last = messages.at(-1);
      const lastEnd = last === undefined ? 0 : last.bodyOffset + last.bodyBytes;
      assert.ok(end.offset === lastEnd || end.offset === lastEnd + 8);
    }
  });
});

describe('readMessages, in an Arrow IPC file', () => {
  const magic = Buffer.from('ARROW1\0\0');
  const moved = (items: readonly StreamMessage[]) =>
    items.map((item) => ({ ...item, offset: item.offset + 8, bodyOffset: item.bodyOffset + 8 }));
  const found = read([schema, message, plainMessage, endOfStream]);
  const offset = found.end.offset + 8;

  it('the messages: are those of the stream, 8 bytes further on', () => {
    const inFile = read([magic, schema, message, plainMessage, endOfStream]);
    assert.deepEqual(inFile.messages, moved(found.messages));
    assert.deepEqual(inFile.end, { kind: 'end', state: 'sealed', offset });
  });

  it('what follows the end mark: is not looked at', () => {
    const parts = [magic, schema, message, plainMessage, endOfStream, Buffer.from('a footer')];
    assert.deepEqual(read(parts).end, { kind: 'end', state: 'sealed', offset });
  });

  it('no end mark: is torn, as a file is written whole', () => {
    const end = { kind: 'end', state: 'torn', fault: 'a message is cut short' } as const;
    const bytes = 8 + schema.byteLength;
    assert.deepEqual(read([magic, schema]).end, { ...end, offset: bytes });
    assert.deepEqual(read([magic]).end, { ...end, offset: 8 });
    const last = read([magic, schema, message.subarray(0, 100)]).end;
    assert.deepEqual(last, { ...end, offset: bytes });
  });

  it('a stream that starts anywhere else: is none of ours', () => {
    const { end } = read([magic, magic, schema]);
    assert.equal(end.fault, 'no message starts here');
    assert.equal(read([magic, endOfStream]).end.fault, 'not a message of ours');
    assert.equal(read([magic, message]).end.fault, 'not a message of ours');
  });

  it('from a batch on: its start is not mistaken for that of the file', () => {
    const path = join(folder, 'file');
    writeFileSync(path, Buffer.concat([magic, schema, message, endOfStream]));
    const storage = new FaultStorage();
    const file = storage.open(path, 'read');
    const [batch] = readMessages(storage, file, 8 + schema.byteLength);
    const [wrong] = readMessages(storage, file, 8);
    storage.close(file);
    assert.equal(batch?.kind, 'recordBatch');
    assert.deepEqual(wrong?.kind, 'schema');
  });
});
