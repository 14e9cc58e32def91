/** Tests how plain values become OTLP messages. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fill, toKeyValues, toRequest } from '../../../src/commands/generate/message.ts';

describe('message', () => {
  it('toKeyValues: each type of value', () => {
    const list = toKeyValues({ a: 'x', b: 1, c: true, d: { doubleValue: 2 }, e: ['y'] });
    assert.deepEqual(
      list.map(({ value }) => value),
      [
        { stringValue: 'x' },
        { intValue: 1 },
        { boolValue: true },
        { doubleValue: 2 },
        { arrayValue: { values: [{ stringValue: 'y' }] } },
      ],
    );
  });

  it('fill: replaces names; a name without a value stays', () => {
    assert.equal(fill('{a} and {b.c}{d}', { a: 1, 'b.c': 'x' }), '1 and x{d}');
  });

  it('toRequest: groups the items by instance', () => {
    const scope = { name: 's' };
    const [one, two] = [
      { resource: { attributes: [1] }, scope },
      { resource: {}, scope },
    ];
    const item = (instance: typeof one | typeof two, id: number) => ({ instance, message: { id } });
    assert.deepEqual(toRequest('logs', [item(one, 1), item(two, 2), item(one, 3)]), {
      resourceLogs: [
        { resource: one.resource, scopeLogs: [{ scope, logRecords: [{ id: 1 }, { id: 3 }] }] },
        { resource: two.resource, scopeLogs: [{ scope, logRecords: [{ id: 2 }] }] },
      ],
    });
  });
});
