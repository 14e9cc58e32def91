/** A file's changes, however it is replaced. */
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { calmMs, type FileWatch, watchFile } from '../../src/config/file-watch.ts';
import { temporaryFolder } from './loading.ts';

/** Many times what a change takes to be told. */
const changeMsMax = 10_000;

const open: FileWatch[] = [];
afterEach(async () => {
  for (const watch of open.splice(0)) await watch.close();
});

async function watched(path: string) {
  let changeCount = 0;
  const faults: string[] = [];
  const onFault = (reason: string) => faults.push(reason);
  open.push(await watchFile(path, { onChange: () => changeCount++, onFault }));
  return {
    faults,
    changeCount: () => changeCount,
    /** Resolves once the change is told. */
    next: async (change: () => void) => {
      const before = changeCount;
      change();
      for (let waitedMs = 0; changeCount === before; waitedMs += 20) {
        assert.ok(waitedMs < changeMsMax, 'the change was not told');
        await sleep(20);
      }
    },
  };
}

describe('file watch', () => {
  it('tells that a file is written, renamed into its place, removed and made again', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'archer.yaml');
    writeFileSync(path, 'a');
    const { next, faults } = await watched(path);
    await next(() => writeFileSync(path, 'bb'));
    for (const text of ['ccc', 'dddd']) {
      await next(() => {
        writeFileSync(`${path}.tmp`, text);
        renameSync(`${path}.tmp`, path);
      });
    }
    await next(() => rmSync(path));
    await next(() => writeFileSync(path, 'e'));
    await next(() => writeFileSync(path, 'ff'));
    assert.deepEqual(faults, []);
  });

  it('tells of a file that was not there', async () => {
    const path = join(temporaryFolder(), 'archer.yaml');
    const { next } = await watched(path);
    await next(() => writeFileSync(path, 'a'));
  });

  it('tells that a mounted folder is exchanged by renaming its link', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'archer.yaml');
    const mount = (name: string) => {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'archer.yaml'), name);
      symlinkSync(name, join(folder, '..new'));
      renameSync(join(folder, '..new'), join(folder, '..data'));
    };
    mount('..first');
    symlinkSync(join('..data', 'archer.yaml'), path);
    const { next } = await watched(path);
    await next(() => mount('..second'));
    await next(() => mount('..third'));
  });

  it('tells that what a link leads to is changed', async () => {
    const target = join(temporaryFolder(), 'target.yaml');
    writeFileSync(target, 'a');
    const path = join(temporaryFolder(), 'archer.yaml');
    symlinkSync(target, path);
    const { next } = await watched(path);
    await next(() => writeFileSync(target, 'bb'));
    await next(() => {
      writeFileSync(`${target}.tmp`, 'ccc');
      renameSync(`${target}.tmp`, target);
    });
  });

  it('many changes at a time are one, and those beside the file none', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'archer.yaml');
    const { next, changeCount } = await watched(path);
    await next(() => {
      for (const text of ['a', 'b', 'c']) writeFileSync(path, text);
    });
    await sleep(calmMs);
    const before = changeCount();
    writeFileSync(join(folder, 'other.yaml'), 'x');
    await sleep(calmMs * 2);
    assert.equal(before, 1);
    assert.equal(changeCount(), 1);
  });
});
