/** Each kind of file is known by its name, and has its check. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openFileKinds, writtenSchemas } from '../../../src/commands/verify/file-kind.ts';
import { nodeStorage } from '../../../src/disk/storage.ts';
import { temporaryFolders } from '../../disk/temporary-folder.ts';
import { writeSpanSegment } from '../span-segment.ts';

const newFolder = temporaryFolders();

describe('file kinds', () => {
  it('a segment: is known by its name, checked, and its bytes are counted', async () => {
    const { path, rows } = writeSpanSegment(newFolder());
    let bytes = 0;
    const [segment] = openFileKinds(nodeStorage);
    assert.equal(segment.isNamed('traces-20261121T085305.123Z-000001.arrow'), true);
    assert.equal(segment.isNamed('traces.arrow'), false);
    const file = nodeStorage.open(path, 'read');
    const report = await segment.check(file, (more) => {
      bytes += more;
    });
    nodeStorage.close(file);
    assert.deepEqual(report.counts, { batches: 2, rows });
    assert.equal(bytes, report.bytes - 8);
  });

  it('the schemas: are all that are written, by their names', () => {
    assert.deepEqual([...writtenSchemas().keys()], ['spans/1']);
  });
});
