/** JSON columns become JavaScript values without losing a digit. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseJsonColumn } from '../../src/query/json-value.ts';

describe('JSON value', () => {
  it('small and great integers, doubles, lists and lists of keys and values', () => {
    const text = '{"a":1,"b":200.0,"c":[true,null,"x"],"d":{"e":-0.0},"f":"1234567890123456789"}';
    const expected = { a: 1, b: 200, c: [true, null, 'x'], d: { e: -0 }, f: '1234567890123456789' };
    assert.deepEqual(parseJsonColumn(text), expected);
  });

  it('an integer that a double cannot hold is a bigint, and only such', () => {
    const text = `{"a":9223372036854775807,"b":-9007199254740993,"c":9007199254740991,"d":1e21,"e":0.12345678901234566}`;
    assert.deepEqual(parseJsonColumn(text), {
      ...{ a: 9223372036854775807n, b: -9007199254740993n, c: 9007199254740991, d: 1e21 },
      e: 0.12345678901234566,
    });
  });

  it('a key that comes twice: the last', () => {
    assert.deepEqual(parseJsonColumn('{"a":1,"a":2}'), { a: 2 });
    assert.deepEqual(parseJsonColumn('{"a":1,"a":1234567890123456789}'), {
      a: 1234567890123456789n,
    });
  });

  it('what is no JSON: null', () => {
    assert.equal(parseJsonColumn('{'), null);
    assert.equal(parseJsonColumn(''), null);
  });
});
