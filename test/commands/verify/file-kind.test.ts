/** Each kind of file is known by its name, and has its check. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { openFileKinds, writtenSchemas } from '../../../src/commands/verify/file-kind.ts';
import { walFolder } from '../../../src/disk/layout.ts';
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

  it('a log file: is known by its name, and its output directory by its folder', async () => {
    const outputDir = newFolder();
    const log = openFileKinds(nodeStorage)[1];
    assert.equal(log?.isNamed('0001.log'), true);
    assert.equal(log?.isNamed('server.log'), false);
    const path = join(walFolder(outputDir, 0), '0001.log');
    assert.equal(log?.outputDirOf(path), outputDir);
    assert.equal(log?.outputDirOf(join(outputDir, '0001.log')), undefined);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, new Uint8Array(4096));
    const file = nodeStorage.open(path, 'read');
    const report = await log?.check(file, () => {});
    nodeStorage.close(file);
    assert.equal(report?.state, 'unused');
  });

  it('the schemas: are all that are written, by their names', () => {
    assert.deepEqual([...writtenSchemas().keys()], ['spans/1', 'metrics/1', 'logs/1']);
  });
});
