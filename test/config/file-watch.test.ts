/** Changes of a file are reported, in whichever way it is replaced. */
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { debounceMs, type FileWatch, watchFile, watchFiles } from '../../src/config/file-watch.ts';
import { temporaryFolder } from './loading.ts';

/** Many times what it takes to report a change. */
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
    /** Resolves once the change is reported. */
    next: async (change: () => void) => {
      const before = changeCount;
      change();
      for (let waitedMs = 0; changeCount === before; waitedMs += 20) {
        assert.ok(waitedMs < changeMsMax, 'the change was not reported');
        await sleep(20);
      }
    },
  };
}

describe('file watch', () => {
  it('reports that a file is written, renamed into place, removed and created again', async () => {
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

  it('reports that a file is created', async () => {
    const path = join(temporaryFolder(), 'archer.yaml');
    const { next } = await watched(path);
    await next(() => writeFileSync(path, 'a'));
  });

  it('reports that a mounted folder is replaced by renaming its link', async () => {
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

  it('reports that the target of a link is changed', async () => {
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

  it('watchFiles: changes of several files at a time are one', async () => {
    const paths = [temporaryFolder(), temporaryFolder()].map((folder) => join(folder, 'a.pem'));
    let changeCount = 0;
    const events = { onChange: () => changeCount++, onFault: () => {} };
    open.push(await watchFiles(paths, events));
    for (const path of paths) writeFileSync(path, 'a');
    for (let waitedMs = 0; changeCount === 0 && waitedMs < changeMsMax; waitedMs += 20) {
      await sleep(20);
    }
    await sleep(debounceMs * 2);
    assert.equal(changeCount, 1);
  });

  it('many changes at a time are one, and other files are ignored', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'archer.yaml');
    const { next, changeCount } = await watched(path);
    await next(() => {
      for (const text of ['a', 'b', 'c']) writeFileSync(path, text);
    });
    await sleep(debounceMs);
    const before = changeCount();
    writeFileSync(join(folder, 'other.yaml'), 'x');
    await sleep(debounceMs * 2);
    assert.equal(before, 1);
    assert.equal(changeCount(), 1);
  });
});
