/** Tells a process from all others that have or had its number, and whether it still runs. */
import { spawnSync } from 'node:child_process';
import { readHead } from '../file-range.ts';
import type { Storage } from '../storage.ts';

/** Each text is '' where the system does not tell it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** A number in the system's own units; it tells a process from an earlier one of the same pid. */
  readonly startTime: string;
  /** Another one after each boot. */
  readonly bootId: string;
}

/** The port through which processes are seen. */
export interface ProcessTable {
  readonly own: ProcessIdentity;
  isRunning(identity: ProcessIdentity): boolean;
}

/** How a system is asked. Where it does not answer, what it says is left out of the comparison. */
export interface ProcessFacts {
  /** '' where that is not told; undefined where the process has ended. */
  startTime(pid: number): string | undefined;
  bootId(): string;
}

/** What a command of the system prints; '' where there is none, or it fails. */
export type RunCommand = (name: string, args: readonly string[]) => string;

/** The processes of this machine. */
export function systemProcesses(storage: Storage): ProcessTable {
  const facts = {
    linux: () => linuxFacts(storage),
    darwin: () => macosFacts(runCommand),
  }[process.platform as string];
  return processTable(facts?.() ?? silentFacts, process.pid, exists);
}

export function processTable(
  facts: ProcessFacts,
  ownPid: number,
  isUsed: (pid: number) => boolean,
): ProcessTable {
  const bootId = facts.bootId();
  return {
    own: { pid: ownPid, startTime: facts.startTime(ownPid) ?? '', bootId },
    isRunning: (identity) => {
      if (identity.bootId !== bootId || !isUsed(identity.pid)) return false;
      const startTime = facts.startTime(identity.pid);
      // A process that may not be looked at counts as running: refusing loses no data.
      return startTime === '' || startTime === identity.startTime;
    },
  };
}

/** Signal 0 is sent to nobody; it only asks whether it could be. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Where neither is told, as on Windows, a process is known by its number alone. */
const silentFacts: ProcessFacts = { startTime: () => '', bootId: () => '' };

export function linuxFacts(storage: Storage): ProcessFacts {
  return {
    startTime: (pid) => linuxStartTime(readKernelFile(storage, `/proc/${pid}/stat`)),
    bootId: () => readKernelFile(storage, '/proc/sys/kernel/random/boot_id').trim(),
  };
}

/** A line of /proc has a few hundred bytes. */
const kernelFileBytesMax = 4096;

/** '' where it may not be read, or its process has just ended. */
function readKernelFile(storage: Storage, path: string): string {
  try {
    const bytes = readHead(storage, path, kernelFileBytesMax);
    return Buffer.from(bytes ?? []).toString('utf8');
  } catch {
    return '';
  }
}

/** The fields that follow the program's name, which may itself hold blanks and brackets. */
const stateField = 0;
const startTimeField = 19;

/** A zombie has ended, though its parent has not looked yet; so has what is being removed (X). */
const endedStates = ['Z', 'X', 'x'];

function linuxStartTime(stat: string): string | undefined {
  const fields = stat
    .slice(stat.lastIndexOf(')') + 1)
    .trimStart()
    .split(' ');
  if (endedStates.includes(fields[stateField] ?? '')) return undefined;
  return digits(fields[startTimeField]);
}

/**
 * The boot session's UUID and not kern.boottime, which moves when the clock is set: a running
 * recorder would look as if it were of an earlier boot.
 */
export function macosFacts(run: RunCommand): ProcessFacts {
  return {
    startTime: (pid) => macosStartTime(run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)])),
    bootId: () => /^[0-9A-F-]{36}$/.exec(run('sysctl', ['-n', 'kern.bootsessionuuid']))?.[0] ?? '',
  };
}

/** `Ss   Sat Nov 21 08:53:05 2026`: state and start. */
function macosStartTime(line: string): string | undefined {
  const [state = '', ...start] = line.split(/\s+/);
  if (state.startsWith('Z')) return undefined;
  return digits(String(Date.parse(`${start.join(' ')} UTC`) / 1000));
}

function digits(text = ''): string {
  return /^\d+$/.test(text) ? text : '';
}

/** No command of the system takes a second; one that hangs must not hang the recorder. */
const commandMsMax = 5_000;

/** In UTC and in English, so that the answer is the same whoever asks. */
function runCommand(name: string, args: readonly string[]): string {
  const env = { PATH: process.env.PATH, TZ: 'UTC', LC_ALL: 'C' };
  const result = spawnSync(name, args, { env, encoding: 'utf8', timeout: commandMsMax });
  return result.status === 0 ? result.stdout.trim() : '';
}
