import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseSeed, TestRandom } from '../../random.ts';
import { doubleText } from '../reference-values.ts';
import {
  attribute,
  type Bytes,
  doubleField,
  field,
  join,
  message,
  requestOf,
  varintField,
} from '../wire-writer.ts';
import { DecoderHarness } from './decoder-harness.ts';

const harness = new DecoderHarness();
const looseText = new TextDecoder('utf-8', { ignoreBOM: true });

/** Returns each string in a plain column, and in JSON text as key and as value. */
function assertTexts(contents: readonly Uint8Array[]): void {
  const spans = contents.map((content) => {
    return join(field(5, content), message(9, field(1, content), message(2, field(1, content))));
  });
  const rows = harness.rowsOf(requestOf(...spans));
  for (const [index, content] of contents.entries()) {
    const text = looseText.decode(content);
    const json = JSON.stringify(text);
    const where = Buffer.from(content).toString('hex');
    assert.equal(rows[index]?.name, text, where);
    assert.equal(rows[index]?.attributes, `{${json}:${json}}`, where);
  }
}

function assertText(content: Uint8Array): void {
  assertTexts([content]);
}

/** Returns the texts of values in the order of the attributes. No text may contain a comma. */
function valueTexts(values: readonly Bytes[]): string[] {
  const span = join(...values.map((value) => field(9, attribute('', value))));
  const [row] = harness.rowsOf(requestOf(span));
  const json = row!.attributes as string;
  return json === '{}'
    ? []
    : json
        .slice(1, -1)
        .split(',')
        .map((pair) => pair.slice('"":'.length));
}

test('text: every ASCII character stands as JSON.stringify writes it, wherever in a chunk', () => {
  for (let code = 0; code < 128; code++) {
    for (const before of [0, 1, 14, 15, 16, 17, 31, 40]) {
      assertText(Buffer.from(`${'x'.repeat(before)}${String.fromCharCode(code)}y`));
    }
  }
});

test('text: lengths around those of whole chunks are kept', () => {
  for (let length = 0; length <= 100; length++) assertText(Buffer.alloc(length, 0x61));
});

test('text: characters of two, three and four bytes are kept at every place of a chunk', () => {
  for (const character of [
    '\u0080',
    'ß',
    '߿',
    'ࠀ',
    '€',
    '\ud7ff',
    '',
    '￿',
    '𐀀',
    '😀',
    '\u{10ffff}',
  ]) {
    for (let before = 0; before <= 33; before++) {
      assertText(Buffer.from(`${'x'.repeat(before)}${character}${character}y`));
    }
  }
});

test('text: a byte order mark is text', () => {
  assertText(Buffer.from('\ufeffa'));
});

test('text: what is not UTF-8 becomes U+FFFD as in TextDecoder, for all pairs of bytes', () => {
  for (let first = 0x80; first < 0x100; first++) {
    assertTexts(Array.from({ length: 0x100 }, (_, second) => Uint8Array.of(first, second, 0x61)));
  }
});

test('text: well-known ill-formed sequences become as many U+FFFD as in TextDecoder', () => {
  const sequences = [
    'c080', // overlong
    'e08080',
    'f0808080',
    'eda080', // surrogates
    'edbfbf',
    'f4908080', // above U+10FFFF
    'f8888080',
    'e1a0c0', // cut off by another start
    'f1808041',
    '61f18080e180c262806380bf64', // table 3-8 of the Unicode Standard
    'e2', // cut off by the end
    'e282',
    'f0',
    'f09f',
    'f09f98',
  ];
  for (const sequence of sequences) {
    const bytes = Buffer.from(sequence, 'hex');
    for (let before = 0; before <= 17; before++) {
      assertText(join(Buffer.alloc(before, 0x20), bytes));
      assertText(join(Buffer.alloc(before, 0xff), bytes, Buffer.from('z"')));
    }
  }
});

test('text: random bytes become what TextDecoder makes of them', (t) => {
  const seed = chooseSeed();
  t.diagnostic(`SEED=${seed}`);
  const random = new TestRandom(seed);
  const alphabet = [
    0x22, 0x5c, 0x0a, 0x61, 0x7f, 0x80, 0xbf, 0xc3, 0xe0, 0xe2, 0xed, 0xf0, 0xf4, 0xff,
  ];
  const bytes = () => random.pick([random.pick(alphabet), random.below(256)]);
  const text = () => Uint8Array.from(random.several(48, bytes));
  for (let i = 0; i < 100; i++) assertTexts(Array.from({ length: 100 }, text));
});

test('text: a long text of nothing but what grows is kept whole', () => {
  for (const byte of [0x00, 0x22, 0xff]) assertText(Buffer.alloc(300_000, byte));
});

test('numbers: integers stand in decimal, from the smallest to the greatest', () => {
  const powers = Array.from({ length: 19 }, (_, exponent) => 10n ** BigInt(exponent));
  const bits = Array.from({ length: 63 }, (_, exponent) => 2n ** BigInt(exponent));
  const integers = [0n, ...powers, ...bits, 2n ** 63n - 1n]
    .flatMap((value) => [value - 1n, value, value + 1n, -value])
    .map((value) => BigInt.asIntN(64, value));
  integers.push(-(2n ** 63n));
  const texts = valueTexts(integers.map((value) => varintField(3, value)));
  assert.deepEqual(texts, integers.map(String));
});

test('numbers: any varint but 0 is true', () => {
  const varints = [0n, 1n, 2n, 128n, 2n ** 32n, 2n ** 63n];
  const texts = valueTexts(varints.map((value) => varintField(2, value)));
  assert.deepEqual(texts, ['false', 'true', 'true', 'true', 'true', 'true']);
});

test('numbers: doubles show that they are doubles', () => {
  const expected: readonly [number, string][] = [
    [0, '0.0'],
    [-0, '-0.0'],
    [200, '200.0'],
    [-1, '-1.0'],
    [0.1, '0.1'],
    [1e-6, '0.000001'],
    [1e-7, '1e-7'],
    [1.5e-7, '1.5e-7'],
    [123456789012345680000, '123456789012345680000.0'],
    [1e21, '1e+21'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [5e-324, '5e-324'],
    [2 ** 53, '9007199254740992.0'],
    [Number.NaN, '"NaN"'],
    [Number.POSITIVE_INFINITY, '"Infinity"'],
    [Number.NEGATIVE_INFINITY, '"-Infinity"'],
  ];
  const texts = valueTexts(expected.map(([value]) => doubleField(4, value)));
  assert.deepEqual(
    texts,
    expected.map(([, text]) => text),
  );
});

test('numbers: powers of two and ten, and their neighbours, are as short as in JavaScript', () => {
  const doubles: number[] = [];
  const view = new DataView(new ArrayBuffer(8));
  for (let exponent = 0; exponent < 2047; exponent++) {
    for (const offset of [-1n, 0n, 1n]) {
      view.setBigUint64(0, BigInt.asUintN(64, (BigInt(exponent) << 52n) + offset));
      doubles.push(view.getFloat64(0), -view.getFloat64(0));
    }
  }
  for (let exponent = -324; exponent <= 308; exponent++) {
    for (const digit of [1, 2, 5, 9]) doubles.push(Number(`${digit}e${exponent}`));
  }
  assertDoubles(doubles);
});

test('numbers: 100,000 random doubles are as short as JavaScript writes them', (t) => {
  const seed = chooseSeed();
  t.diagnostic(`SEED=${seed}`);
  const random = new TestRandom(seed);
  const view = new DataView(new ArrayBuffer(8));
  const makers = [
    () => {
      view.setBigUint64(0, random.uint64());
      return view.getFloat64(0);
    },
    () => random.fraction(),
    () => random.fraction() * 10 ** random.between(-20, 25),
    () => random.below(1_000_000) / 1000,
  ];
  for (const make of makers) assertDoubles(Array.from({ length: 25_000 }, make));
});

function assertDoubles(doubles: readonly number[]): void {
  const texts = valueTexts(doubles.map((value) => doubleField(4, value)));
  assert.equal(texts.length, doubles.length);
  for (const [i, value] of doubles.entries()) assert.equal(texts[i], doubleText(value));
}

test('bytes: stand as base64 with padding, for every length of the rest', () => {
  const contents = Array.from({ length: 50 }, (_, length) =>
    Buffer.from(Array.from({ length }, (_, i) => (i * 89 + length * 7) & 0xff)),
  );
  const texts = valueTexts(contents.map((content) => field(7, content)));
  assert.deepEqual(
    texts,
    contents.map((content) => `"${content.toString('base64')}"`),
  );
});
