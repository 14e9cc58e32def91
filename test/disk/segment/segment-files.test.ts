/** Shows which files count as segments. */
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  allSegmentFiles,
  dateFolders,
  readSegment,
  segmentFiles,
  toSegmentFile,
} from '../../../src/disk/segment/segment-files.ts';
import { nodeStorage } from '../../../src/disk/storage.ts';
import { signals } from '../../../src/shared/signal.ts';
import { FaultStorage } from '../fault-storage.ts';
import { temporaryFolders } from '../temporary-folder.ts';

const newFolder = temporaryFolders();

describe('segmentFiles', () => {
  it('foreign files, folders and links: are not ours', () => {
    const outputDir = newFolder();
    const name = 'traces-20261121T085305.123Z-000001.arrow';
    const date = join(outputDir, 'traces', 'date=2026-11-21');
    mkdirSync(date, { recursive: true });
    writeFileSync(join(date, name), '');
    const other = name.replace('000001', '000002');
    writeFileSync(join(date, 'notes.txt'), '');
    writeFileSync(join(date, `${other}.tmp`), '');
    writeFileSync(join(date, other.replace('traces', 'logs')), '');
    symlinkSync(name, join(date, other));
    mkdirSync(join(date, name.replace('000001', '000003')));
    writeFileSync(join(outputDir, 'traces', other), '');
    mkdirSync(join(outputDir, 'traces', 'date=2026-13-01'));
    writeFileSync(join(outputDir, 'traces', 'date=2026-13-01', other), '');
    symlinkSync('date=2026-11-21', join(outputDir, 'traces', 'date=2026-11-22'));
    writeFileSync(join(outputDir, 'logs'), 'a file where a folder should be');
    const files = segmentFiles(nodeStorage, outputDir, signals);
    assert.deepEqual(
      files.map(({ path }) => path),
      [`traces/date=2026-11-21/${name}`],
    );
  });

  it('numbers of more than six digits: come in their order', () => {
    const outputDir = newFolder();
    const date = join(outputDir, 'traces', 'date=2026-11-21');
    mkdirSync(date, { recursive: true });
    for (const number of ['1000000', '999999', '000007']) {
      writeFileSync(join(date, `traces-20261121T085305.123Z-${number}.arrow`), '');
    }
    const numbers = segmentFiles(nodeStorage, outputDir, signals).map(({ number }) => number);
    assert.deepEqual(numbers, [7, 999_999, 1_000_000]);
  });
});

describe('readSegment', () => {
  it('a file that is not there: is undefined', () => {
    const look = readSegment(nodeStorage, newFolder(), 'traces/absent', () => 'read');
    assert.equal(look, undefined);
  });

  it('a look that fails: closes the file', () => {
    const outputDir = newFolder();
    writeFileSync(join(outputDir, 'file'), '');
    const storage = new FaultStorage();
    const fail = () => {
      throw new Error('cannot');
    };
    assert.throws(() => readSegment(storage, outputDir, 'file', fail), /cannot/);
    assert.equal(storage.openCount, 0);
  });
});

describe('staged segments', () => {
  it('beside the file that was made of one: only the file counts', () => {
    const outputDir = newFolder();
    const date = join(outputDir, 'traces', 'date=2026-11-21');
    mkdirSync(date, { recursive: true });
    const [first, second] = ['000001', '000002'].map((n) => `traces-20261121T085305.123Z-${n}`);
    for (const name of [`_${first}.arrows`, `${first}.arrow`, `_${second}.arrows`]) {
      writeFileSync(join(date, name), '');
    }
    const namesOf = (files: typeof segmentFiles) =>
      files(nodeStorage, outputDir, signals).map(({ path }) => path.split('/')[2]);
    assert.deepEqual(namesOf(segmentFiles), [`${first}.arrow`, `_${second}.arrows`]);
    assert.equal(namesOf(allSegmentFiles).length, 3);
  });
});

describe('toSegmentFile', () => {
  const name = 'traces-20261121T085305.123Z-000001.arrow';

  it("a segment's path: is read as segmentFiles gives it", () => {
    const outputDir = newFolder();
    mkdirSync(join(outputDir, 'traces', 'date=2026-11-21'), { recursive: true });
    writeFileSync(join(outputDir, 'traces', 'date=2026-11-21', name), '');
    const [file] = segmentFiles(nodeStorage, outputDir, signals);
    assert.deepEqual(toSegmentFile(`traces/date=2026-11-21/${name}`), file);
  });

  it('any other path: is none', () => {
    const paths = [
      name,
      `traces/${name}`,
      `logs/date=2026-11-21/${name}`,
      `traces/2026-11-21/${name}`,
      `traces/date=2026-11-21/${name}.tmp`,
      `traces/date=2026-11-21/${name}/more`,
      `../traces/date=2026-11-21/${name}`,
      '',
    ];
    for (const path of paths) assert.equal(toSegmentFile(path), undefined, path);
  });
});

describe('dateFolders', () => {
  it("a signal's folders: those of dates, and no links", () => {
    const outputDir = newFolder();
    mkdirSync(join(outputDir, 'logs', 'date=2026-11-21'), { recursive: true });
    mkdirSync(join(outputDir, 'logs', 'other'));
    symlinkSync('date=2026-11-21', join(outputDir, 'logs', 'date=2026-11-22'));
    assert.deepEqual(dateFolders(nodeStorage, outputDir, 'logs'), ['logs/date=2026-11-21']);
    assert.deepEqual(dateFolders(nodeStorage, outputDir, 'traces'), []);
  });
});
