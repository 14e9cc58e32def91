import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bytesType,
  varintType,
  WireWriter,
} from '../../../../src/columns/rebuild/wire/wire-writer.ts';
import { chooseSeed, TestRandom } from '../../../random.ts';
import { field, fixed32Field, fixed64Field, varint, varintField } from '../../wire-writer.ts';

function written(write: (out: WireWriter) => void): Buffer {
  const out = new WireWriter();
  write(out);
  return Buffer.from(out.content());
}

test('WireWriter: varints are the shortest, whatever the number', (t) => {
  const seed = chooseSeed();
  t.diagnostic(`SEED=${seed}`);
  const random = new TestRandom(seed);
  const edges = [0n, 0x7fn, 0x80n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n];
  const others = Array.from({ length: 500 }, () => random.uint64() >> BigInt(random.below(64)));
  for (const number of [...edges, ...others]) {
    const [low, high] = [Number(number & 0xffffffffn), Number(number >> 32n)];
    const expected = varintField(3, number).toString('hex');
    const found = written((out) => out.writeVarint64((3 << 3) | varintType, low, high));
    assert.equal(found.toString('hex'), expected, `${number}`);
    assert.deepEqual(
      written((out) => out.appendVarint64(low, high)),
      varint(number),
    );
    if (high !== 0) continue;
    assert.equal(written((out) => out.writeVarint(24, low)).toString('hex'), expected);
  }
});

test('WireWriter: a negative int32 takes ten bytes, as protobuf wants it', () => {
  assert.deepEqual(
    written((out) => out.writeInt32(2 << 3, -5)),
    varintField(2, -5n),
  );
  assert.deepEqual(
    written((out) => out.writeInt32(2 << 3, 5)),
    varintField(2, 5n),
  );
});

test('WireWriter: fixed numbers are little-endian; tags above 15 take two bytes', () => {
  const fixed32 = written((out) => out.writeFixed32((16 << 3) | 5, 0xfedcba98));
  assert.deepEqual(fixed32, fixed32Field(16, 0xfedcba98));
  const fixed64 = written((out) => out.writeFixed64((7 << 3) | 1, 0x89abcdef, 0xf1234567));
  assert.deepEqual(fixed64, fixed64Field(7, 0xf123456789abcdefn));
});

test('WireWriter: a message gets its length, whatever length was expected', () => {
  for (const expected of [1, 2, 3]) {
    for (const bytes of [0, 1, 127, 128, 16_383, 16_384, 2_097_152]) {
      const content = Buffer.alloc(bytes, 'content');
      const found = written((out) => {
        const start = out.open((2 << 3) | bytesType, expected);
        out.writeRaw(content);
        out.close(start, expected);
        out.writeVarint(8, 1);
      });
      const wanted = Buffer.concat([field(2, content), varintField(1, 1)]);
      assert.ok(found.equals(wanted), `${bytes} bytes, ${expected} expected`);
    }
  }
});

test('WireWriter: bytes of any length are copied, and the buffer grows', () => {
  for (const bytes of [0, 1, 48, 49, 1000, 300_000]) {
    const source = Buffer.alloc(bytes + 2, 'abcdef');
    const found = written((out) => out.writeBytes(10, source, 1, bytes + 1));
    assert.ok(found.equals(field(1, source.subarray(1, bytes + 1))), `${bytes}`);
  }
});

test('WireWriter: what was written is forgotten by setting the end back', () => {
  const found = written((out) => {
    out.writeVarint(8, 1);
    const end = out.end;
    out.writeVarint(16, 2);
    out.end = end;
  });
  assert.deepEqual(found, varintField(1, 1));
});
