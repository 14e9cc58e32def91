/** Tests that the end of an object is found, whatever its strings hold. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JsonBalance } from '../../../src/commands/import/json-balance.ts';

function balanceOf(...lines: readonly string[]): JsonBalance {
  const balance = new JsonBalance();
  for (const line of lines) balance.add(Buffer.from(line));
  return balance;
}

describe('json-balance', () => {
  it('an object goes on until its brackets are closed', () => {
    assert.equal(balanceOf('{').mayGoOn, true);
    assert.equal(balanceOf('{', '  "a": [').mayGoOn, true);
    assert.equal(balanceOf('{', '  "a": []', '}').mayGoOn, false);
    assert.equal(balanceOf('no object').mayGoOn, false);
  });

  it('brackets in strings do not count, and quotes may be escaped', () => {
    assert.equal(balanceOf('{"a":"}"').mayGoOn, true);
    assert.equal(balanceOf('{"a":"\\"}"').mayGoOn, true);
    assert.equal(balanceOf('{"a":"\\\\"}').mayGoOn, false);
  });

  it('a line that ends within a string cannot go on', () => {
    assert.equal(balanceOf('{"a":"torn').mayGoOn, false);
  });

  it('lastByte: the last one that is not white space', () => {
    assert.equal(balanceOf('{"a": [ \r').lastByte, '['.charCodeAt(0));
    assert.equal(balanceOf('').lastByte, 0);
  });
});
