/** A loss of what is being written is noticed; what else happens is not taken for one. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ArchiveEvent } from '../../src/disk/archive-watcher.ts';
import { ArchiveGuard } from '../../src/recorder/archive-guard.ts';
import { silentJournal } from '../../src/shared/journal.ts';
import { temporaryFolders } from '../disk/temporary-folder.ts';

const newFolder = temporaryFolders();
const date = 'traces/date=2026-11-21';
const sealed = `${date}/traces-20261121T085305.123Z-000001.arrow`;
const active = `${date}/traces-20261121T095305.123Z-000002.arrow`;

it('archive guard: the active file, its folder and .archer matter; a sealed file does not', async () => {
  const outputDir = newFolder();
  const at = (path: string) => join(outputDir, path);
  mkdirSync(at(date), { recursive: true });
  mkdirSync(at('.archer'));
  for (const path of [sealed, active, '.archer/id']) writeFileSync(at(path), 'x');
  const events: ArchiveEvent[] = [];
  let losses = 0;
  const guard = new ArchiveGuard({
    outputDir,
    onLoss: () => {
      losses += 1;
    },
    onEvent: (event) => events.push(event),
    journal: silentJournal,
  });
  guard.opened('traces', sealed);
  await guard.open();
  guard.opened('traces', active);
  guard.sealed('traces', sealed);
  const gone = async (path: string) => {
    rmSync(at(path), { recursive: true });
    for (let ms = 0; ms < 5_000; ms += 20) {
      if (events.some((event) => event.kind === 'gone' && event.path === path)) return;
      await sleep(20);
    }
    assert.fail(`${path} was not noticed`);
  };
  await gone(sealed);
  assert.equal(losses, 0);
  await gone('.archer/id');
  assert.equal(losses, 1);
  await gone(active);
  assert.equal(losses, 2);
  await gone(dirname(date));
  assert.ok(losses > 2);
  guard.sealed('traces', active);
  await guard.close();
});
