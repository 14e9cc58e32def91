/** Recorders in containers of their own on one volume: only one of them records at a time. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { cleanUp, makeFolder, startRecorder } from '../recorder/recorder-process.ts';
import { assertExactlyOnce } from './exactly-once.ts';
import { type Account, Load } from './load.ts';

after(cleanUp);

/**
 * Gives a recorder a process namespace of its own, as a container does: it is process 1 there, and it
 * sees no process of the other recorders. This needs Linux and root.
 */
const container = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];
const hasNamespaces = spawnSync(container[0]!, [...container.slice(1), 'true']).status === 0;
const wrapper = hasNamespaces ? container : [];

const flags = [
  '--batch-max-rows',
  '300',
  '--batch-max-age',
  '50ms',
  '--rotation-max-bytes',
  '100KB',
];

function startContainer(outputDir: string) {
  return startRecorder(flags, outputDir, {}, wrapper);
}

describe('two recorders on one directory', () => {
  it('the second is refused while the first records; after kill -9 it takes over', async (test) => {
    test.diagnostic(hasNamespaces ? 'in process namespaces' : 'without process namespaces');
    const outputDir = makeFolder();
    const account: Account = { acknowledged: new Set(), others: new Set() };
    const first = await startContainer(outputDir);
    const load = new Load(first.ports, account);
    after(() => load.stop());
    const sending = load.run();
    for (let attempt = 0; attempt < 2; attempt++) {
      await assert.rejects(startContainer(outputDir), /it ended with 2: .* is in use by/s);
    }
    const acknowledgedBefore = account.acknowledged.size;
    await sleep(300);
    assert.ok(account.acknowledged.size > acknowledgedBefore, 'the first goes on recording');
    await first.stop('SIGKILL');
    load.stop();
    await sending;
    const second = await startContainer(outputDir);
    const moreLoad = new Load(second.ports, account);
    const moreSending = moreLoad.run();
    await sleep(300);
    moreLoad.stop();
    await moreSending;
    await second.post('/api/rotate');
    await second.stop('SIGKILL');
    assertExactlyOnce(outputDir, account);
  });
});
