/** JSON text: exact numbers, bounded depth, and text that is not JSON. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isLosslessNumber, LosslessNumber } from 'lossless-json';
import { isJsonObject, readJsonText, surveyJson } from '../../../src/accept/json/json-text.ts';

function read(text: string): unknown {
  const result = readJsonText(Buffer.from(text));
  assert.equal(result.kind, 'value', text);
  return result.kind === 'value' ? result.value : undefined;
}

function reasonOf(bytes: Buffer): string {
  const result = readJsonText(bytes);
  assert.equal(result.kind, 'malformed');
  return result.kind === 'malformed' ? result.reason : '';
}

function needsExactNumbers(text: string): boolean {
  return surveyJson(Buffer.from(text)).needsExactNumbers;
}

describe('json-text', () => {
  it('readJsonText: gives the same values as JSON.parse', () => {
    const texts = ['{"a":[1,-2.5,true,null,"\\u00e4\\n"]}', '[]', ' "x" ', '0', '{"a":{"b":{}}}'];
    for (const text of texts) assert.deepEqual(read(text), JSON.parse(text), text);
  });

  it('readJsonText: whole numbers that a double would round keep their text', () => {
    for (const number of ['9007199254740993', '-18446744073709551615', '1e20', '12E+3']) {
      const [value] = read(`[${number}]`) as unknown[];
      assert.ok(isLosslessNumber(value), number);
      assert.equal(value.value, number);
    }
  });

  it('surveyJson: only such numbers take the slower parser', () => {
    for (const text of ['999999999999999', '0.1234567890123456789', '1e-7', '"1e9"', '-1.5E-3']) {
      assert.ok(!needsExactNumbers(text), text);
    }
    const inString = '{"9007199254740993":"9007199254740993 \\" 1e9 \\\\","b":true}';
    assert.ok(!needsExactNumbers(inString));
    for (const text of ['1000000000000000', '-1000000000000000.5', '1e7', '[0,{"a":2E2}]']) {
      assert.ok(needsExactNumbers(text), text);
    }
    assert.ok(needsExactNumbers('["\\\\",9007199254740993]'), 'behind an escaped backslash');
  });

  it('surveyJson: counts brackets that are open at once, outside of strings', () => {
    const depths = { '1': 0, '[[],[[]]]': 3, '{"a":[{}]}': 3, '"[[[["': 0, '["\\"[[", []]': 2 };
    for (const [text, depth] of Object.entries(depths)) {
      assert.equal(surveyJson(Buffer.from(text)).bracketDepth, depth, text);
    }
  });

  it('readJsonText: 512 brackets are read, more are too deep, and a million do no harm', () => {
    const nested = (depth: number) => Buffer.from('['.repeat(depth) + ']'.repeat(depth));
    assert.equal(readJsonText(nested(512)).kind, 'value');
    const exact = Buffer.from(`${'['.repeat(512)}1e9${']'.repeat(512)}`);
    assert.equal(readJsonText(exact).kind, 'value');
    assert.equal(readJsonText(nested(513)).kind, 'too_deep');
    assert.equal(readJsonText(nested(1_000_000)).kind, 'too_deep');
    assert.equal(readJsonText(Buffer.from('['.repeat(1_000_000))).kind, 'too_deep');
  });

  it('readJsonText: the last value of a repeated key counts with either parser', () => {
    assert.deepEqual(read('{"a":1,"a":2}'), { a: 2 });
    const [exact] = read('[{"a":1e9,"a":"x"}]') as unknown[];
    assert.deepEqual(exact, { a: 'x' });
  });

  it('readJsonText: __proto__ is a key like others', () => {
    for (const text of ['{"__proto__":{"a":1}}', '{"__proto__":{"a":1e9}}']) {
      const value = read(text) as object;
      assert.equal(Object.getPrototypeOf(value), Object.prototype);
      assert.deepEqual(Object.keys(value), ['__proto__']);
    }
  });

  it('readJsonText: one byte order mark is ignored', () => {
    assert.deepEqual(read('\ufeff{}'), {});
    assert.match(reasonOf(Buffer.from('\ufeff\ufeff{}')), /not JSON/);
  });

  it('readJsonText: bytes that are not UTF-8 become U+FFFD within a string', () => {
    const wrong = ['ff', 'c0af', 'eda080', 'f4908080', 'e282'];
    for (const hex of wrong) {
      const bytes = Buffer.concat([Buffer.from('"'), Buffer.from(hex, 'hex'), Buffer.from('"')]);
      const result = readJsonText(bytes);
      assert.ok(result.kind === 'value' && /^\ufffd+$/.test(String(result.value)), hex);
    }
  });

  it('readJsonText: bytes that are not UTF-8 are malformed outside of strings', () => {
    assert.match(reasonOf(Buffer.from([0x7b, 0xff, 0x7d])), /^its text is not JSON/);
  });

  it('readJsonText: text that is not JSON is malformed with either parser', () => {
    const wrong = ['', ' ', '{', '[1,]', '{"a":1,}', "{'a':1}", '01', '.5', '1.', '+1', 'NaN'];
    const more = ['"\t"', '"\\x"', '"\\u12g4"', '[1 2]', '{"a"}', 'nul', '{}{}', '//', '"'];
    for (const text of [...wrong, ...more]) {
      assert.match(reasonOf(Buffer.from(text)), /^its text is not JSON \(/, text);
      if (text.trim() === '' || text === '{}{}') continue;
      assert.match(reasonOf(Buffer.from(`[1e9,${text}`)), /^its text is not JSON \(/, text);
    }
  });

  it('isJsonObject: objects, but no arrays, null or numbers kept as text', () => {
    assert.ok(isJsonObject({}));
    for (const value of [[], null, 1, 'x', true, undefined, new LosslessNumber('1')]) {
      assert.ok(!isJsonObject(value));
    }
  });
});
