import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exportFormats } from '../../../src/commands/export/export-format.ts';

describe('export formats', () => {
  it('each has an ending of its own', () => {
    const endings = Object.values(exportFormats).map(({ ending }) => ending);
    assert.equal(new Set(endings).size, endings.length);
    const names = ['parquet', 'arrow-file', 'otlp-jsonl', 'otlp-proto', 'csv'];
    assert.deepEqual(Object.keys(exportFormats), names);
  });
});
