import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { archivedSchema } from '../../src/query/archived-schema.ts';

describe('archived schema', () => {
  it('has the columns of its signal, and is made once', () => {
    const schema = archivedSchema('traces');
    assert.equal(schema.metadata.get('otlp.archive.schema'), 'spans/1');
    assert.equal(schema.fields[0]?.name, 'start_time');
    assert.equal(archivedSchema('traces'), schema);
    assert.equal(archivedSchema('logs').metadata.get('otlp.archive.schema'), 'logs/1');
  });
});
