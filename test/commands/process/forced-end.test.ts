/** The process ends with its code if the threads end, and by force if one does not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { forceEnd } from '../../../src/commands/process/forced-end.ts';

async function endOf(endThreads: () => Promise<unknown>): Promise<readonly string[]> {
  const calls: string[] = [];
  await forceEnd(143, endThreads, {
    exit: (code) => calls.push(`exit ${code}`),
    kill: () => calls.push('kill'),
    abort: () => calls.push('abort'),
  });
  return calls;
}

describe('forceEnd', () => {
  it('threads that end, or are gone: the process exits with the code', async () => {
    assert.deepEqual(await endOf(async () => {}), ['exit 143']);
    assert.deepEqual(await endOf(() => Promise.reject(new Error('gone'))), ['exit 143']);
  });

  it('a thread that never ends: the process is killed, and aborts if that has no effect', async () => {
    assert.deepEqual(await endOf(() => new Promise(() => {})), ['kill', 'abort']);
  });
});
