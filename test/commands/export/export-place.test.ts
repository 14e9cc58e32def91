/** A path is a file, a folder or standard output, and what stands in the way is said. */
import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { pathOf, placeOf, placeProblem } from '../../../src/commands/export/export-place.ts';
import { nodeStorage } from '../../../src/disk/storage.ts';
import { cleanUp, makeFolder } from '../../recorder/recorder-process.ts';

after(cleanUp);

describe('export place', () => {
  it('-, a folder that is there or ends with a slash, a link to one, else a file', () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'a.csv'), '');
    symlinkSync(folder, join(folder, 'link'));
    const kind = (output: string) => placeOf(nodeStorage, output).kind;
    assert.equal(kind('-'), 'stdout');
    assert.deepEqual(
      [kind(folder), kind(`${folder}/new/`), kind(join(folder, 'link'))],
      [...Array.from({ length: 3 }, () => 'folder')],
    );
    assert.deepEqual([kind(join(folder, 'a.csv')), kind(join(folder, 'new'))], ['file', 'file']);
  });

  it('the path of a signal', () => {
    assert.equal(pathOf({ kind: 'stdout' }, 'logs', 'csv'), undefined);
    assert.equal(pathOf({ kind: 'file', path: 'x' }, 'logs', 'csv'), 'x');
    assert.equal(pathOf({ kind: 'folder', path: 'x' }, 'logs', 'csv'), join('x', 'logs.csv'));
  });

  it('several signals in one file: wrong usage, and the remedy', () => {
    for (const place of [{ kind: 'stdout' }, { kind: 'file', path: 'x' }] as const) {
      const found = placeProblem(nodeStorage, place, ['traces', 'metrics', 'logs'], 'csv', true);
      assert.equal(found?.isUsage, true);
      assert.match(
        found?.sentence ?? '',
        /^--output (x|-) takes one signal, and traces, metrics and logs have rows: choose one/,
      );
    }
  });

  it('a file whose folder is not there: says so', () => {
    const place = { kind: 'file', path: join(makeFolder(), 'none', 'a.csv') } as const;
    const problem = placeProblem(nodeStorage, place, ['logs'], 'csv', true);
    assert.equal(problem?.isUsage, false);
    assert.match(
      problem?.sentence ?? '',
      /a\.csv cannot be written: its folder is not there: make/,
    );
  });

  it('what is there is kept, unless it may be replaced', () => {
    const path = makeFolder();
    writeFileSync(join(path, 'logs.csv'), '');
    const place = { kind: 'folder', path } as const;
    const problem = placeProblem(nodeStorage, place, ['traces', 'logs'], 'csv', false);
    assert.equal(problem?.isUsage, false);
    assert.match(problem?.sentence ?? '', /logs\.csv exists: choose another --output, or replace/);
    assert.equal(placeProblem(nodeStorage, place, ['traces', 'logs'], 'csv', true), undefined);
    assert.equal(placeProblem(nodeStorage, place, ['traces'], 'csv', false), undefined);
    assert.equal(placeProblem(nodeStorage, { kind: 'stdout' }, ['logs'], 'csv', false), undefined);
  });
});
