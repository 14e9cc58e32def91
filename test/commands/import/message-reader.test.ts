/** Tests that files are cut into their messages, by their bytes, and that damage is told. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { Encoder } from '@toondepauw/node-zstd';
import type { ImportFormat } from '../../../src/commands/import/import-format.ts';
import { readMessages } from '../../../src/commands/import/message-reader.ts';
import { behindLengths, readerOf } from './byte-stream.ts';

const collector = fileURLToPath(new URL('../../../../fixtures/collector/', import.meta.url));
const compress = (bytes: Buffer) => new Encoder(3).encodeSync(bytes);

/** `4: {"a":1}`, or `4: skipped, reason`; the place is a line, or in a file without them a byte. */
async function messagesOf(bytes: Uint8Array | string, format?: ImportFormat): Promise<string[]> {
  const found: string[] = [];
  for await (const one of readMessages(readerOf(bytes, 5), format)) {
    const place = one.line === undefined ? `byte ${one.offset}` : `line ${one.line}`;
    const text = one.kind === 'skipped' ? `skipped, ${one.reason}` : one.bytes.toString('latin1');
    const end = one.kind === 'message' && one.isOpenEnded ? ' (open)' : '';
    found.push(`${place}: ${text}${end}`);
  }
  return found;
}

describe('message-reader', () => {
  it('lines: numbered, empty ones left out, the last without its end', async () => {
    const expected = ['line 1: {"a":1}', 'line 4: {"b":2}\r', 'line 5: {"c"', 'line 6: {} (open)'];
    assert.deepEqual(await messagesOf('{"a":1}\n\n  \r\n{"b":2}\r\n{"c"\n{}'), expected);
  });

  it('lines: behind a byte order mark, or empty lines', async () => {
    assert.deepEqual(await messagesOf('\n \n{}\n'), ['line 3: {}']);
    const marked = await messagesOf('\ufeff{}\n');
    assert.equal(marked.length, 1);
    assert.match(marked[0]!, /^line 1: /);
  });

  it('messages behind their lengths, empty ones too', async () => {
    const file = behindLengths(Buffer.from('one'), Buffer.alloc(0), Buffer.from('three'));
    assert.deepEqual(await messagesOf(file), ['byte 0: one', 'byte 7: ', 'byte 11: three']);
  });

  it('messages: cut at any byte, all before are there and the last is told', async () => {
    const file = behindLengths(Buffer.from('one'), Buffer.from('second'));
    for (let cut = 1; cut < file.length; cut++) {
      const found = await messagesOf(file.subarray(0, cut), 'otlp-proto');
      if (cut === 7) assert.deepEqual(found, ['byte 0: one']);
      else assert.match(found.at(-1) ?? '', /: skipped, the last message is torn/, `cut at ${cut}`);
      assert.equal(found.length, cut <= 7 ? 1 : 2);
    }
  });

  it('messages: a length that no request has ends the file, which takes no memory', async () => {
    const file = Buffer.concat([behindLengths(Buffer.from('one')), Buffer.alloc(9, 0xee)]);
    const found = await messagesOf(file);
    assert.equal(found[0], 'byte 0: one');
    assert.match(found[1]!, /^byte 7: skipped, a length of 4008636142 is none/);
    const torn = Buffer.from([0x1f, 0xff, 0xff, 0xff, 0x0a]);
    assert.match((await messagesOf(torn))[0]!, /torn: 1 of 536870911 bytes/);
  });

  it('a whole file of zstd: as what is in it, places in that', async () => {
    const lines = Buffer.from('{"a":1}\n{"b":2}\n');
    assert.deepEqual(await messagesOf(compress(lines)), ['line 1: {"a":1}', 'line 2: {"b":2}']);
    const counted = behindLengths(Buffer.from('one'), Buffer.from('two'));
    assert.deepEqual(await messagesOf(compress(counted)), ['byte 0: one', 'byte 7: two']);
  });

  it('a torn file of zstd: what was whole, and the reason', async () => {
    const file = Buffer.concat([
      compress(Buffer.from('{"a":1}\n')),
      compress(Buffer.from('{"b":2}\n')).subarray(0, 9),
    ]);
    const found = await messagesOf(file);
    assert.deepEqual(found, ['line 1: {"a":1}', 'byte 8: skipped, its zstd frame is torn']);
  });

  it('what the Collector writes: six requests in each, however they are packed', async () => {
    for (const name of ['telemetry.jsonl', 'telemetry.json.zst', 'native/telemetry.jsonl.zst']) {
      assert.equal((await messagesOf(readFileSync(`${collector}${name}`))).length, 6, name);
    }
    for (const name of ['traces.binpb', 'traces.binpb.zst', 'native/traces.binpb.zst']) {
      assert.equal((await messagesOf(readFileSync(`${collector}${name}`))).length, 3, name);
    }
  });

  it('neither the one nor the other: told once; nothing at all: nothing', async () => {
    const expected = /^byte 0: skipped, it is neither OTLP\/JSON in lines nor messages/;
    for (const text of ['hello\nworld\n', '<html>']) {
      const found = await messagesOf(text);
      assert.equal(found.length, 1);
      assert.match(found[0]!, expected);
    }
    const gzip = await messagesOf(gzipSync('{}'));
    assert.deepEqual(gzip, [
      'byte 0: skipped, it is compressed with gzip: gzip -dc FILE | archer import -',
    ]);
    assert.deepEqual(await messagesOf(''), []);
    assert.deepEqual(await messagesOf('\n\n'), []);
  });

  it('a format that is named goes before the first bytes', async () => {
    assert.deepEqual(await messagesOf('hello\n', 'otlp-jsonl'), ['line 1: hello']);
    assert.match((await messagesOf('{"a":1}', 'otlp-proto'))[0]!, /a length of/);
  });
});
