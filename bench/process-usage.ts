/** Reads what a process has used so far: its CPU time and its peak memory. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

export interface ProcessUsage {
  /** User and system time of all threads. */
  readonly cpuSeconds: number;
  /** Peak resident memory; the current value if the system does not keep the peak. */
  readonly rssBytesMax: number;
}

/** Linux counts CPU time for programs in hundredths of a second on every architecture. */
const ticksPerSecond = 100;

const KiB = 1024;

export function readProcessUsage(processId: number): ProcessUsage {
  return existsSync('/proc/self/stat') ? readProc(processId) : askPs(processId);
}

function readProc(processId: number): ProcessUsage {
  const stat = readFileSync(`/proc/${processId}/stat`, 'latin1');
  // The second field, the name in parentheses, may contain anything. The third field follows the
  // last parenthesis.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [userTicks, systemTicks] = fields.slice(11, 13);
  const status = readFileSync(`/proc/${processId}/status`, 'latin1');
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return {
    cpuSeconds: (Number(userTicks) + Number(systemTicks)) / ticksPerSecond,
    rssBytesMax: Number(peak) * KiB,
  };
}

/** Parses KiB and [[dd-]hh:]mm:ss.cc. macOS and the BSDs print hundredths. */
function askPs(processId: number): ProcessUsage {
  const args = ['-o', 'rss=', '-o', 'time=', '-p', String(processId)];
  const [rss, time] = execFileSync('ps', args, { encoding: 'latin1' }).trim().split(/\s+/);
  const [seconds = 0, minutes = 0, hours = 0, days = 0] = (time ?? '')
    .split(/[:-]/)
    .toReversed()
    .map(Number);
  return {
    cpuSeconds: ((days * 24 + hours) * 60 + minutes) * 60 + seconds,
    rssBytesMax: Number(rss) * KiB,
  };
}
