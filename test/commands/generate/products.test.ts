/** Tests the shelves: what is sold makes good test data. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { products } from '../../../src/commands/generate/products.ts';

describe('products', () => {
  it('have different numbers and prices above nothing', () => {
    assert.equal(new Set(products.map(({ sku }) => sku)).size, products.length);
    assert.ok(products.every(({ price }) => price > 0));
  });

  it('have names of one to four bytes a character', () => {
    const sizes = new Set(
      products.flatMap(({ name }) => [...name].map((letter) => Buffer.byteLength(letter))),
    );
    assert.deepEqual([...sizes].sort(), [1, 2, 3, 4]);
  });
});
