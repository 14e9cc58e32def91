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
      assert.equal(found?.code, 'ERR_ARCHER_OUTPUT_TAKES_ONE_SIGNAL');
      assert.match(
        found?.message ?? '',
        /^--output (x|-) takes one signal, and traces, metrics and logs have rows\. Choose one/,
      );
    }
  });

  it('a file whose folder is not there: says so', () => {
    const place = { kind: 'file', path: join(makeFolder(), 'none', 'a.csv') } as const;
    const problem = placeProblem(nodeStorage, place, ['logs'], 'csv', true);
    assert.equal(problem?.code, 'ERR_ARCHER_OUTPUT_UNWRITABLE');
    assert.match(problem?.message ?? '', /a\.csv cannot be written: its folder does not exist\./);
  });

  it('what is there is kept, unless it may be replaced', () => {
    const path = makeFolder();
    writeFileSync(join(path, 'logs.csv'), '');
    const place = { kind: 'folder', path } as const;
    const problem = placeProblem(nodeStorage, place, ['traces', 'logs'], 'csv', false);
    assert.equal(problem?.code, 'ERR_ARCHER_OUTPUT_EXISTS');
    assert.match(problem?.message ?? '', /logs\.csv exists\. Choose another --output, or replace/);
    assert.equal(placeProblem(nodeStorage, place, ['traces', 'logs'], 'csv', true), undefined);
    assert.equal(placeProblem(nodeStorage, place, ['traces'], 'csv', false), undefined);
    assert.equal(placeProblem(nodeStorage, { kind: 'stdout' }, ['logs'], 'csv', false), undefined);
  });
});
