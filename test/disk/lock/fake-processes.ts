/** Processes that a test lets run and end as it likes. */
import type { ProcessIdentity, ProcessTable } from '../../../src/disk/lock/process-identity.ts';

export const fakeBootId = '6d0a1c5e-0f5e-4f0e-9c55-0a8d7f3f2b11';

export function fakeIdentity(pid: number): ProcessIdentity {
  return { pid, startTime: String(1000 + pid), bootId: fakeBootId };
}

/** As the process of that pid sees them: those run whose pids are in the set. */
export function fakeProcesses(pid: number, running: ReadonlySet<number>): ProcessTable {
  return {
    own: fakeIdentity(pid),
    isRunning: ({ pid: other, startTime, bootId }) =>
      running.has(other) && startTime === String(1000 + other) && bootId === fakeBootId,
  };
}
