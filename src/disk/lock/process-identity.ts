/** Identifies a process, and finds out whether the process of an identity still runs. */
import { hostname } from 'node:os';
import { readHead } from '../file-range.ts';
import type { Storage } from '../storage.ts';

/** A text is '' if the system does not report it; only Linux reports all of them. */
export interface ProcessIdentity {
  readonly pid: number;
  /**
   * Start time in clock ticks since boot. It differs from that of an earlier process of this pid.
   */
  readonly startTime: string;
  /** A UUID that changes with each boot, and so differs between machines. */
  readonly bootId: string;
  /** Inode of the namespace in which `pid` counts. Containers have namespaces of their own. */
  readonly pidNamespace: string;
  /** Only for messages. */
  readonly host: string;
}

/** unknown: the process may run on another machine, in another namespace, or may be hidden. */
export type ProcessState = 'alive' | 'dead' | 'unknown';

/** The port to the processes of this machine. */
export interface ProcessTable {
  readonly own: ProcessIdentity;
  stateOf(identity: ProcessIdentity): ProcessState;
}

/** `exists` is true if the process runs or may run. */
export function systemProcesses(storage: Storage, exists = mayExist): ProcessTable {
  const own: ProcessIdentity = {
    pid: process.pid,
    startTime: startTimeOf(storage, process.pid) ?? '',
    bootId: readKernelFile(storage, '/proc/sys/kernel/random/boot_id').trim(),
    pidNamespace: pidNamespace(storage),
    host: hostname(),
  };
  return {
    own,
    stateOf: ({ pid, startTime, bootId, pidNamespace }) => {
      const isHere = bootId === own.bootId && pidNamespace === own.pidNamespace;
      if (!isHere || bootId === '' || pidNamespace === '') return 'unknown';
      if (!exists(pid)) return 'dead';
      const found = startTimeOf(storage, pid);
      if (found === '' || startTime === '') return 'unknown';
      return found === startTime ? 'alive' : 'dead';
    },
  };
}

/** Signal 0 is not delivered; it only checks whether it could be. */
function mayExist(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** A line in /proc has a few hundred bytes. */
const kernelFileBytesMax = 4096;

/** '' if the file cannot be read. */
function readKernelFile(storage: Storage, path: string): string {
  try {
    return Buffer.from(readHead(storage, path, kernelFileBytesMax) ?? []).toString('utf8');
  } catch {
    return '';
  }
}

/** An inode number is not given to another namespace as long as this one exists. */
function pidNamespace(storage: Storage): string {
  try {
    const file = storage.open('/proc/self/ns/pid', 'read');
    try {
      return String(storage.statOpen(file).inode);
    } finally {
      storage.close(file);
    }
  } catch {
    return '';
  }
}

/** Indexes of the fields after the program's name, which may itself contain spaces and brackets. */
const stateField = 0;
const startTimeField = 19;

/** A zombie (Z) has ended, but its parent has not yet noticed. X and x are being removed. */
const endedStates = ['Z', 'X', 'x'];

/** '' if it cannot be read; undefined if the process has ended. */
function startTimeOf(storage: Storage, pid: number): string | undefined {
  const stat = readKernelFile(storage, `/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (endedStates.includes(fields[stateField] ?? '')) return undefined;
  const ticks = fields[startTimeField] ?? '';
  return /^\d+$/.test(ticks) ? ticks : '';
}
