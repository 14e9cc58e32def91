/** Paths within a value, and the parts at these paths. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { pathText, valueAt } from '../../src/config/given.ts';

it('pathText: keys behind dots, indices in brackets', () => {
  assert.equal(pathText(['forwarding', 0, 'retry', 'max_delay']), 'forwarding[0].retry.max_delay');
  assert.equal(pathText([2, 'name']), '[2].name');
  assert.equal(pathText([]), '');
});

it('valueAt: the part at the path, and no inherited property', () => {
  const value = [{ a: { b: 5 } }];
  assert.equal(valueAt(value, [0, 'a', 'b']), 5);
  assert.equal(valueAt(value, []), value);
  for (const path of [[1], [0, 'x', 'b'], [0, 'a', 'b', 'c'], [0, 'constructor'], ['length']]) {
    const expected = path[0] === 'length' ? 1 : undefined;
    assert.equal(valueAt(value, path), expected, pathText(path));
  }
});
