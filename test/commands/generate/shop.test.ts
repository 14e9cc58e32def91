/** Tests that the tables of the shop fit together. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { operations } from '../../../src/commands/generate/shop.ts';

describe('shop', () => {
  it('operations: each call leads to an operation, and each has a caller or a share', () => {
    const entries = Object.entries(operations);
    const called = new Set(entries.flatMap(([, { calls = [] }]) => calls));
    for (const name of called) assert.ok(Object.hasOwn(operations, name), name);
    for (const [name, { share }] of entries) assert.ok(called.has(name) || share !== undefined);
  });

  it('operations: a server or consumer has a service, others have none', () => {
    for (const [name, { kind, service }] of Object.entries(operations)) {
      assert.equal(service !== undefined, kind === 'server' || kind === 'consumer', name);
    }
  });

  it('shares: those of all visits add up to 1', () => {
    const visits = Object.values(operations).filter(({ service }) => service === 'storefront');
    const sum = visits.reduce((total, { share = 0 }) => total + share, 0);
    assert.ok(Math.abs(sum - 1) < 1e-9, `${sum}`);
  });
});
