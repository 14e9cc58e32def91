/** Changes of destinations while a recorder runs: a failure of one change stays alone. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { describe, it } from 'node:test';
import { nativeDecompress } from '../../src/disk/ipc/zstd.ts';
import { cursorPath } from '../../src/disk/layout.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { Forwarding } from '../../src/forward/forwarding.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { configFrom } from '../config/loading.ts';
import { temporaryFolders } from '../disk/temporary-folder.ts';

const newFolder = temporaryFolders();

function destinations(...names: readonly string[]) {
  const entries = names.map((name) => `{name: ${name}, endpoint: "http://127.0.0.1:9"}`);
  return configFrom({ yaml: `forwarding: [${entries.join(', ')}]` }).forwarding;
}

/** The disk refuses cursors while `isFull`, and the journal throws at the first `failing` line. */
function newForwarding() {
  const world = { isFull: false, failing: undefined as RegExp | undefined, lines: [] as string[] };
  const outputDir = newFolder();
  const forwarding = new Forwarding({
    storage: {
      ...nodeStorage,
      open: (...args) => {
        if (world.isFull) throw new Error('ENOSPC');
        return nodeStorage.open(...args);
      },
    },
    ...{ outputDir, recorderId: 'own', lane: 0, clock: systemClock },
    decompress: nativeDecompress(),
    journal: {
      write: (_level, message) => {
        world.lines.push(message);
        if (world.failing?.test(message) !== true) return;
        world.failing = undefined;
        throw new Error('EPIPE');
      },
    },
    progress: () => ({ next: 1, archivedBelow: 1 }),
  });
  const names = () => forwarding.statuses().map(({ name }) => name);
  return { forwarding, outputDir, world, names };
}

describe('Forwarding.change', () => {
  it('a destination that fails to stop: replaced all the same, and later changes are made', async () => {
    const { forwarding, outputDir, world, names } = newForwarding();
    forwarding.start(destinations('a'));
    world.failing = /cursor cannot be saved/;
    world.isFull = true;
    // The stop has to save the cursor again, because its file is gone.
    rmSync(cursorPath(outputDir, 'a'));
    await forwarding.change([], 0);
    world.isFull = false;
    await forwarding.change(destinations('b'), 0);
    assert.deepEqual(names(), ['b']);
    await forwarding.change(destinations('c'), 0);
    assert.deepEqual(names(), ['c']);
    assert.ok(world.lines.includes('forwarding a: stopping failed'), world.lines.join('\n'));
    await forwarding.stop(0);
    assert.deepEqual(names(), []);
  });
});
