/** An exported file says which program wrote it, and who had recorded. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { exportedMetadata, exportedSchema } from '../../../src/commands/export/exported-schema.ts';
import { readArrowSchema } from '../../../src/disk/ipc/arrow-schema.ts';
import { messagePrefixBytes } from '../../../src/disk/ipc/ipc-format.ts';
import { ArchiveBuilder, foreignId, ownId } from '../../query/archive-builder.ts';
import { spansOf } from '../../query/small-requests.ts';
import { cleanUp } from '../../recorder/recorder-process.ts';
import { openSource } from './exported.ts';

after(cleanUp);

describe('exported schema', () => {
  it('the columns of the signal; both recorders', () => {
    const builder = new ArchiveBuilder();
    builder.segment([[spansOf('shop', {})]]);
    builder.segment([[spansOf('shop', {})]], { recorderId: foreignId });
    const { source } = openSource(builder, 'traces');
    const schema = readArrowSchema(exportedSchema(source).subarray(messagePrefixBytes));
    assert.ok(typeof schema !== 'string');
    assert.equal(schema.fields.length, 32);
    assert.deepEqual(schema.metadata, exportedMetadata(source));
    assert.equal(schema.metadata.get('otlp.archive.schema'), 'spans/1');
    assert.equal(schema.metadata.get('otlp.archive.recorder'), `${ownId},${foreignId}`);
    assert.match(schema.metadata.get('otlp.archive.writer') ?? '', /^otlp-archer \d/);
  });
});
