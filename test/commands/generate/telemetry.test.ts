/** Tests how attributes written in code become OTLP's key-values. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { double, toKeyValues } from '../../../src/commands/generate/telemetry.ts';

describe('telemetry', () => {
  it('toKeyValues: each type of value gets its own member, in order', () => {
    const list = toKeyValues({
      text: 'é',
      whole: 200,
      total: double(200),
      yes: false,
      skus: ['a', 'b'],
    });
    assert.deepEqual(list, [
      { key: 'text', value: { stringValue: 'é' } },
      { key: 'whole', value: { intValue: 200 } },
      { key: 'total', value: { doubleValue: 200 } },
      { key: 'yes', value: { boolValue: false } },
      {
        key: 'skus',
        value: { arrayValue: { values: [{ stringValue: 'a' }, { stringValue: 'b' }] } },
      },
    ]);
  });

  it('toKeyValues: what is undefined is left out', () => {
    assert.deepEqual(toKeyValues({ query: undefined }), []);
  });
});
