/** `.archer/lock`: reads and writes the file that names the holder (docs/format/lock.md). */
import { readRange } from '../file-range.ts';
import { lockPath } from '../layout.ts';
import { writeFileAtomically } from '../small-file.ts';
import type { Storage } from '../storage.ts';
import { ifThere } from '../tolerated-faults.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** Null for a listener that is off. */
export interface LockPorts {
  readonly grpc: number | null;
  readonly http: number | null;
  readonly dashboard: number | null;
}

export interface LockHolder extends ProcessIdentity {
  /** A UUID for each time that a directory is taken. */
  readonly lease: string;
  /** Null until the listeners are open. */
  readonly ports: LockPorts | null;
}

/** The lock at one moment. */
export interface LockLook {
  /** Undefined if there is no lock, or its content is damaged. */
  readonly holder: LockHolder | undefined;
  /** Changes with each renewal and each rewrite; '' if there is no lock. */
  readonly stamp: string;
}

/** Many times the length of a lock. */
const lockBytesMax = 4096;

/**
 * Opens the file for each look: opening makes a network file system ask the server for the current
 * state, which a look at the name may take from a cache.
 */
export function readLock(storage: Storage, outputDir: string): LockLook {
  const file = ifThere(() => storage.open(lockPath(outputDir), 'read'));
  if (file === undefined) return { holder: undefined, stamp: '' };
  try {
    const { inode, modifiedMs } = storage.statOpen(file);
    const text = Buffer.from(readRange(storage, file, 0, lockBytesMax)).toString('utf8');
    return { holder: fromText(text), stamp: `${inode} ${modifiedMs} ${text}` };
  } finally {
    storage.close(file);
  }
}

/** Replaces the lock and returns its bytes. The folder must exist. */
export function writeLock(storage: Storage, outputDir: string, holder: LockHolder): Uint8Array {
  const bytes = Buffer.from(toText(holder));
  writeFileAtomically(storage, lockPath(outputDir), bytes);
  return bytes;
}

/** True if there is no lock file, for instance because somebody removed it. */
export function isLockMissing(storage: Storage, outputDir: string): boolean {
  return storage.stat(lockPath(outputDir)) === undefined;
}

function toText(holder: LockHolder): string {
  const { lease, pid, startTime, bootId, pidNamespace, host, ports } = holder;
  const identity = { pid, start_time: startTime, boot_id: bootId, pid_namespace: pidNamespace };
  return `${JSON.stringify({ lease, ...identity, host, ports })}\n`;
}

/** Undefined unless `toText` gives exactly this text. */
function fromText(text: string): LockHolder | undefined {
  try {
    const { lease, pid, start_time, boot_id, pid_namespace, host, ports } = JSON.parse(text);
    const ids = { pid: Math.abs(pid), startTime: String(start_time), bootId: String(boot_id) };
    const holder = { lease, ...ids, pidNamespace: String(pid_namespace), host, ports };
    return toText(holder) === text ? holder : undefined;
  } catch {
    return undefined;
  }
}
