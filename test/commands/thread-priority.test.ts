/** The threads that record come before the one that does all else. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { constants, platform } from 'node:os';
import { after, it } from 'node:test';
import { cleanUp, startRecorder } from '../recorder-process.ts';

after(cleanUp);

/** Of each thread of a process, by its number. */
function nicenesses(processId: number): Map<number, number> {
  const folder = `/proc/${processId}/task`;
  const threads = readdirSync(folder).map((name) => {
    const stat = readFileSync(`${folder}/${name}/stat`, 'latin1');
    // The second field, the name in brackets, may hold anything; the 19th is the niceness.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return [Number(name), Number(fields[16])] as const;
  });
  return new Map(threads);
}

it('lowerMainThreadPriority: the main thread of a recorder gives way, no other does', async (test) => {
  if (platform() !== 'linux') {
    test.diagnostic('did not run: only Linux has priorities of threads');
    return;
  }
  const own = nicenesses(process.pid).get(process.pid)!;
  const recorder = await startRecorder();
  const { pid } = recorder.child;
  const threads = nicenesses(pid!);
  await recorder.stop();
  const main = threads.get(pid!);
  threads.delete(pid!);
  assert.equal(main, Math.max(own, constants.priority.PRIORITY_BELOW_NORMAL));
  assert.deepEqual(new Set(threads.values()), new Set([own]));
});
