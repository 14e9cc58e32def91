/** The threads that record come before the one that does all else. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { constants, platform } from 'node:os';
import { after, it } from 'node:test';
import { cleanUp, startRecorder } from '../recorder/recorder-process.ts';

after(cleanUp);

interface ThreadFacts {
  readonly number: number;
  readonly cpuTicks: number;
  readonly niceness: number;
}

/** Those that have worked most come first. */
function threadsOf(processId: number): ThreadFacts[] {
  const folder = `/proc/${processId}/task`;
  const threads = readdirSync(folder).map((name) => {
    const stat = readFileSync(`${folder}/${name}/stat`, 'latin1');
    // The second field, the name in brackets, may hold anything; the third follows its bracket.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [userTicks = 0, systemTicks = 0] = fields.slice(11, 13);
    return { number: Number(name), cpuTicks: userTicks + systemTicks, niceness: fields[16]! };
  });
  return threads.sort((a, b) => b.cpuTicks - a.cpuTicks);
}

it('lowerMainThreadPriority: the main thread gives way to the receiver and the lane', async (test) => {
  if (platform() !== 'linux') {
    test.diagnostic('did not run: only Linux has priorities of threads');
    return;
  }
  const own = threadsOf(process.pid).find(({ number }) => number === process.pid)!.niceness;
  const recorder = await startRecorder();
  const { pid } = recorder.child;
  const threads = threadsOf(pid!);
  await recorder.stop();
  const main = threads.find(({ number }) => number === pid);
  assert.equal(main?.niceness, Math.max(own, constants.priority.PRIORITY_BELOW_NORMAL));
  // To start a thread of JavaScript is more work than all others have had so far.
  const workers = threads.filter(({ number }) => number !== pid).slice(0, 2);
  assert.deepEqual(
    workers.map(({ niceness }) => niceness),
    [own, own],
    JSON.stringify(threads),
  );
});
