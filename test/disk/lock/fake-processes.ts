/** Processes that a test starts and ends as it needs. */
import type {
  ProcessIdentity,
  ProcessState,
  ProcessTable,
} from '../../../src/disk/lock/process-identity.ts';

export const fakeBootId = '6d0a1c5e-0f5e-4f0e-9c55-0a8d7f3f2b11';

export function fakeIdentity(pid: number): ProcessIdentity {
  return {
    ...{ pid, startTime: String(1000 + pid), bootId: fakeBootId },
    ...{ pidNamespace: '4026531836', host: 'machine' },
  };
}

/** The processes as `pid` sees them. The processes with pids in the set run. */
export function fakeProcesses(pid: number, running: ReadonlySet<number>): ProcessTable {
  return {
    own: fakeIdentity(pid),
    stateOf: ({ pid: other, startTime, bootId }): ProcessState => {
      if (bootId !== fakeBootId) return 'unknown';
      return running.has(other) && startTime === String(1000 + other) ? 'alive' : 'dead';
    },
  };
}
