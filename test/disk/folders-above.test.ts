/** Shows that every folder on the path is synced. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { syncFoldersAbove } from '../../src/disk/folders-above.ts';
import { nodeStorage } from '../../src/disk/storage.ts';

describe('syncFoldersAbove', () => {
  it('the folders of a path: are synced from the innermost out, and none above', () => {
    const synced: string[] = [];
    const syncFolder = (path: string) => synced.push(path);
    syncFoldersAbove({ ...nodeStorage, syncFolder }, '/output', 'traces/date=2026-11-21/a.arrow');
    assert.deepEqual(synced, ['/output/traces/date=2026-11-21', '/output/traces', '/output']);
  });
});
