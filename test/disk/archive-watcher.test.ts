/** What others do in the output directory is noticed, while only folders are watched. */
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ArchiveEvent,
  type ArchiveWatcher,
  watchArchive,
} from '../../src/disk/archive-watcher.ts';
import { nodeStorage, type WatchFolder } from '../../src/disk/storage.ts';
import { signals } from '../../src/shared/signal.ts';
import { temporaryFolders } from './temporary-folder.ts';

const newFolder = temporaryFolders();
const opened: ArchiveWatcher[] = [];

/** Much longer than an event takes; a test waits no longer than it must. */
const noticedMsMax = 5_000;

after(async () => {
  for (const watcher of opened) await watcher.close();
});

async function openWatched() {
  const outputDir = join(newFolder(), 'output');
  const date = 'traces/date=2026-11-21';
  mkdirSync(join(outputDir, date), { recursive: true });
  mkdirSync(join(outputDir, '.archer/wal/lane-0'), { recursive: true });
  const segment = `${date}/traces-20261121T085305.123Z-000001.arrow`;
  writeFileSync(join(outputDir, segment), 'a segment');
  writeFileSync(join(outputDir, '.archer/lock'), 'a lock');
  const events: ArchiveEvent[] = [];
  const faults: string[] = [];
  const watcher = await watchArchive(
    outputDir,
    signals,
    (event) => events.push(event),
    (reason) => faults.push(reason),
  );
  opened.push(watcher);
  const noticed = async (kind: ArchiveEvent['kind'], path: string) => {
    for (let ms = 0; ms < noticedMsMax; ms += 20) {
      const index = events.findIndex((event) => event.kind === kind && event.path === path);
      if (index >= 0) return events.splice(0, index + 1);
      await sleep(20);
    }
    assert.fail(`not noticed: ${kind} '${path}'; but ${JSON.stringify(events)} ${faults}`);
  };
  const at = (path: string) => join(outputDir, path);
  return { outputDir, date, segment, watcher, events, noticed, at };
}

/** All wait for the system to tell, so they wait together. */
describe('archive watcher', { concurrency: true }, () => {
  it('a file: is told when it comes, when it changes and when it goes', async () => {
    const { date, segment, noticed, at } = await openWatched();
    writeFileSync(at(`${date}/other`), '1');
    await noticed('appeared', `${date}/other`);
    writeFileSync(at(segment), 'other bytes');
    await noticed('changed', segment);
    rmSync(at(segment));
    await noticed('gone', segment);
  });

  it('the active file: its appends are not told, its end is', async () => {
    const { date, segment, watcher, events, noticed, at } = await openWatched();
    watcher.setActive([segment]);
    writeFileSync(at(segment), 'an append');
    writeFileSync(at(`${date}/other`), '1');
    await noticed('appeared', `${date}/other`);
    assert.deepEqual(events, []);
    renameSync(at(segment), at('elsewhere'));
    await noticed('gone', segment);
  });

  it('a date folder: is told when it goes; when it comes, what comes into it later is told', async () => {
    const { date, noticed, at } = await openWatched();
    rmSync(at(date), { recursive: true });
    await noticed('gone', date);
    mkdirSync(at(date));
    await noticed('appeared', date);
    await noticed('appeared', '');
    writeFileSync(at(`${date}/late`), '1');
    await noticed('appeared', `${date}/late`);
  });

  it("a signal's folder: moved away and made again, it is watched again", async () => {
    const { date, noticed, at } = await openWatched();
    renameSync(at('traces'), at('moved'));
    mkdirSync(at(date), { recursive: true });
    await noticed('appeared', '');
    writeFileSync(at(`${date}/late`), '1');
    await noticed('appeared', `${date}/late`);
  });

  it('.archer: itself and what lies in it is told, the log files are not', async () => {
    const { events, noticed, at } = await openWatched();
    writeFileSync(at('.archer/wal/lane-0/0001.log'), 'a frame');
    rmSync(at('.archer/lock'));
    await noticed('gone', '.archer/lock');
    assert.deepEqual(events, []);
    rmSync(at('.archer/wal/lane-0'), { recursive: true });
    await noticed('gone', '.archer/wal/lane-0');
    rmSync(at('.archer'), { recursive: true });
    await noticed('gone', '.archer');
  });

  it('the output directory: is told when it goes, and watched again when it is back', async () => {
    const { outputDir, date, noticed, at } = await openWatched();
    rmSync(outputDir, { recursive: true });
    await noticed('gone', '');
    mkdirSync(at(date), { recursive: true });
    await noticed('appeared', '');
    writeFileSync(at(`${date}/late`), '1');
    await noticed('appeared', `${date}/late`);
  });

  it('foreign folders and links: nothing in them is told', async () => {
    const { outputDir, date, events, noticed, at } = await openWatched();
    mkdirSync(at('mine'));
    mkdirSync(at('traces/mine'));
    const elsewhere = newFolder();
    symlinkSync(elsewhere, join(outputDir, 'logs'));
    await noticed('appeared', '');
    events.length = 0;
    writeFileSync(at('mine/a'), '1');
    writeFileSync(at('traces/mine/a'), '1');
    mkdirSync(join(elsewhere, 'date=2026-11-21'));
    writeFileSync(at(`${date}/last`), '1');
    assert.deepEqual(await noticed('appeared', `${date}/last`), [
      { kind: 'appeared', path: `${date}/last` },
    ]);
  });

  it('a folder that cannot be watched: is said', async () => {
    const { outputDir, at } = await openWatched();
    const faults: string[] = [];
    const watch: WatchFolder = (path, _onName, onFault) => {
      // As when the system watches no more folders, and when it is gone before it can be watched.
      if (path === at('traces')) onFault(new Error('ENOSPC: too many watches'));
      if (path === at('.archer')) {
        rmSync(path, { recursive: true });
        onFault(new Error('ENOENT: no such file or directory'));
      }
      return () => {};
    };
    const ports = { storage: nodeStorage, watch };
    const said = (reason: string) => faults.push(reason);
    opened.push(await watchArchive(outputDir, signals, () => {}, said, ports));
    assert.deepEqual(faults, ['ENOSPC: too many watches']);
  });

  it('close: nothing is told afterwards', async () => {
    const { date, watcher, events, at } = await openWatched();
    writeFileSync(at(`${date}/other`), '1');
    await watcher.close();
    await sleep(300);
    assert.deepEqual(events, []);
  });
});
