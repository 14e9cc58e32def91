import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeNumber } from '../../../../src/columns/rebuild/text/json-number.ts';
import { chooseSeed, TestRandom } from '../../../random.ts';
import { doubleText } from '../../reference-values.ts';
import { doubleField, varintField } from '../../wire-writer.ts';
import { jsonOf, writtenJson } from '../json-of.ts';

const number = (text: string) => writtenJson(text, writeNumber);

test('number: digits are an int, exactly, over all 64 bits', (t) => {
  const seed = chooseSeed();
  t.diagnostic(`SEED=${seed}`);
  const random = new TestRandom(seed);
  const edges = [0n, 1n, -1n, 10n ** 15n - 1n, 10n ** 15n, 1n - 10n ** 15n, -(10n ** 15n)];
  const ends = [2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)];
  const others = Array.from({ length: 1000 }, () => {
    return BigInt.asIntN(64, random.uint64()) >> BigInt(random.below(64));
  });
  for (const int of [...edges, ...ends, ...others]) {
    assert.deepEqual(number(String(int)), varintField(3, int), `${int}`);
  }
});

test('number: with a point or an exponent it is the same double, bit for bit', (t) => {
  const seed = chooseSeed();
  t.diagnostic(`SEED=${seed}`);
  const random = new TestRandom(seed);
  const edges = [0, -0, 1, 200, 5e-324, -5e-324, 2.2250738585072014e-308, 2.225073858507201e-308];
  const ends = [Number.MAX_VALUE, -Number.MAX_VALUE, 1e21, 1e22, 1e23, 2 ** 53, 1e-7];
  const others = Array.from({ length: 5000 }, () => {
    return new Float64Array(new BigUint64Array([random.uint64()]).buffer)[0]!;
  });
  for (const double of [...edges, ...ends, ...others].filter(Number.isFinite)) {
    assert.deepEqual(number(doubleText(double)), doubleField(4, double), `${double}`);
  }
});

test('number: other spellings of doubles are read too', () => {
  assert.deepEqual(number('1E5'), doubleField(4, 1e5));
  assert.deepEqual(number('-1.50e-2'), doubleField(4, -0.015));
  assert.deepEqual(number('0.1000000000000000055511151231257827'), doubleField(4, 0.1));
  assert.deepEqual(number('1e-999'), doubleField(4, 0));
});

for (const [text, what] of [
  ['', 'a value is expected'],
  ['-', 'a value is expected'],
  ['+1', 'a value is expected'],
  ['.5', 'a value is expected'],
  ['1.', 'a value is expected'],
  ['1e', 'a value is expected'],
  ['1e+', 'a value is expected'],
  ['NaN', 'a value is expected'],
  ['01', 'a number begins with 0'],
  ['-00', 'a number begins with 0'],
  ['9223372036854775808', 'a number is too large'],
  ['-9223372036854775809', 'a number is too large'],
  ['99999999999999999999', 'a number is too large'],
  ['1e309', 'a number is too large'],
  [`0.${'1'.repeat(2000)}`, 'a number has too many digits'],
] as const) {
  test(`number: ${text.slice(0, 24)} is none: ${what}`, () => {
    assert.throws(() => number(text), new RegExp(`^Error: ${what}, at byte`));
  });
}

test('number: it ends where its text ends, not where the next row begins', () => {
  const json = jsonOf('12', '34');
  assert.deepEqual(writtenJson(json, writeNumber), varintField(3, 12));
});
