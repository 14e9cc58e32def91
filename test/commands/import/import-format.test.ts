/** Tests what the first bytes of a file say about its format. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UnreadableContent } from '../../../src/commands/import/byte-reader.ts';
import { detectFormat } from '../../../src/commands/import/import-format.ts';
import { behindLengths } from './byte-stream.ts';

/** The start of a trace request in protobuf: resource spans, a resource, an attribute. */
const request = Buffer.from([0x0a, 0x20, 0x0a, 0x0e, 0x0a, 0x0c, 0x0a, 0x03, 0x61, 0x62, 0x63]);

describe('import-format', () => {
  const texts: Readonly<Record<string, string>> = {
    'an object': '{"resourceSpans":[]}',
    'an empty object': '{}',
    'a pretty-printed object': '{\n  "resourceSpans": [',
    'white space and a byte order mark': '\ufeff\r\n {"a":1}',
    'nothing but empty lines': '\n \r\n',
    'one zero byte': '\0{"resourceSpans":[]}',
    'three zero bytes': '\0\0\0{\n  "resourceSpans": [',
    'many zero bytes': `${'\0'.repeat(1000)}{"resourceSpans":[]}`,
    'nothing but zero bytes': '\0'.repeat(4096),
    'zero bytes and a torn line': `${'\0'.repeat(8)}"spans":[]}]}`,
    'a torn line': 'pans":[{"scopeSpans":[]}]}\n{"resourceSpans":[]}',
    'a torn line that begins with a digit': '00"}]}',
  };
  for (const [name, text] of Object.entries(texts)) {
    it(`${name}: JSON`, () => assert.equal(detectFormat(Buffer.from(text)), 'otlp-jsonl'));
  }

  it('messages behind their lengths: protobuf, whatever the length is', () => {
    for (const length of [0x09, 0x20, 0x22, 0x7b, 0x7b0a, 0x7b22, 0x7b2022, 0x227b]) {
      const message = Buffer.concat([request, Buffer.alloc(Math.max(length - 11, 0), 0x12)]);
      const head = behindLengths(message.subarray(0, length)).subarray(0, 4096);
      assert.equal(detectFormat(head), 'otlp-proto', `${length} bytes`);
    }
    assert.equal(detectFormat(behindLengths(Buffer.alloc(0), request)), 'otlp-proto');
    assert.equal(detectFormat(Buffer.from([0, 0])), 'otlp-proto');
  });

  it('an empty file has no format', () => {
    assert.equal(detectFormat(Buffer.alloc(0)), undefined);
  });

  it('other text and other binary data: refused', () => {
    for (const bytes of ['hello\nworld', '<html>', '\x7fELF\x02\x01\x01', 'aaa}\x01']) {
      assert.throws(() => detectFormat(Buffer.from(bytes)), UnreadableContent, bytes);
    }
  });
});
