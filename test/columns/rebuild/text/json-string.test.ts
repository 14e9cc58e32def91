import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeString } from '../../../../src/columns/rebuild/text/json-string.ts';
import { chooseSeed, TestRandom } from '../../../random.ts';
import { field } from '../../wire-writer.ts';
import { writtenJson } from '../json-of.ts';

const string = (text: string) => writtenJson(text, (out, json) => writeString(out, 10, json));

test('string: what JSON.stringify writes comes back, of any length', (t) => {
  const seed = chooseSeed();
  t.diagnostic(`SEED=${seed}`);
  const random = new TestRandom(seed);
  const parts = ['a', '"', '\\', '/', '\b\f\n\r\t', '\u0000\u001f', '\u007f', 'ä', '€', '😀', ' '];
  const lengths = [0, 1, 126, 127, 128, 129, 200, 16_384];
  const plain = [...parts, ...lengths.map((length) => 'x'.repeat(length))];
  const mixed = Array.from({ length: 500 }, () => {
    return random.several(9, () => random.pick(plain)).join('');
  });
  for (const text of [...plain, ...mixed]) {
    assert.ok(string(JSON.stringify(text)).equals(field(1, text)), JSON.stringify(text));
  }
});

test('string: every escape that JSON knows is read, in both cases', () => {
  assert.deepEqual(string('"\\/\\u0041\\u00E9\\u20ac"'), field(1, '/Aé€'));
  assert.deepEqual(string('"\\ud83d\\uDE00\\u0000"'), field(1, '😀\u0000'));
});

for (const [text, what] of [
  ['"', 'a string has no end'],
  ['"abc', 'a string has no end'],
  [`"${'x'.repeat(500)}`, 'a string has no end'],
  ['"\\"', 'a string has no end'],
  ['"\\', 'no such escape'],
  ['"\\x"', 'no such escape'],
  ['"\\u12"', 'an escape without four hex digits'],
  ['"\\u12', 'an escape without four hex digits'],
  ['"\\u00g0"', 'an escape without four hex digits'],
  ['"\\ud83d"', '.* is misspelt'],
  ['"\\ud83d\\u0041"', 'half a surrogate pair'],
  ['"\\ude00"', 'half a surrogate pair'],
  ['"\n"', 'a control character is not escaped'],
] as const) {
  test(`string: ${JSON.stringify(text.slice(0, 20))} is none: ${what}`, () => {
    assert.throws(() => string(text), new RegExp(`^Error: ${what}, at byte`));
  });
}
