/**
 * A lease on an output directory, so that only one recorder at a time writes to it
 * (docs/format/lock.md).
 *
 *     free ──> ticket created ──no other ticket, lock unchanged──> lock written ──> held
 *     ^            │ otherwise the ticket is removed: retry                          │ renewed each
 *     └────────────┴── released, holder provably dead, or not renewed for 3 s <──────┘ second
 *
 * 1. A ticket is an empty file in `.archer` with a name of its own. Only a process that created its
 *    ticket, then saw no other ticket, and then found the lock as it was judged, writes the lock.
 *    Of two such processes, one created its ticket after the other had listed the tickets. So it
 *    finds the other's ticket or, if that is removed, the other's lock, and retries.
 * 2. A lock is free if its holder is provably dead, or if it was not renewed for 3 seconds.
 * 3. A holder that is only slow, and whose lock was replaced, notices it at its next renewal and
 *    stops. A new holder waits that long before it uses a directory whose old holder may live.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../shared/clock.ts';
import { lockPath, privatePath } from '../layout.ts';
import { type Storage, type TouchFile, touchFile } from '../storage.ts';
import { ifThere } from '../tolerated-faults.ts';
import {
  type LockHolder,
  type LockLook,
  type LockPorts,
  readLock,
  writeLock,
} from './lock-file.ts';
import type { ProcessTable } from './process-identity.ts';

export interface LockOptions {
  readonly storage: Storage;
  readonly outputDir: string;
  readonly processes: ProcessTable;
  readonly clock: Clock;
  /** Called once, when another process has taken the directory. The lock is not held any more. */
  readonly onLost?: (holder: LockHolder) => void;
  readonly sleep?: (ms: number) => Promise<unknown>;
  readonly touch?: TouchFile;
}

export type LockAttempt =
  | { readonly kind: 'taken'; readonly lock: DirectoryLock }
  | { readonly kind: 'held'; readonly holder: LockHolder };

export const renewalMs = 1_000;

/** A lock that does not change for this long has no living holder: three renewals are missing. */
const watchMs = 3_000;
const lookMs = 250;

/** A slow holder notices within one renewal that its lock was replaced, and then stops. */
const graceMs = 1.5 * renewalMs;

/** A ticket exists for milliseconds. One that is seen so often, for 3 s, is of a dead process. */
const ticketLooksMax = 200;

/** Pauses have random lengths, so that two processes do not meet again and again. */
const pauseMs = { min: 15, max: 40 } as const;

const ticketPattern = /^lock\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Takes the directory, or returns its holder. Makes `.archer` if it is missing. Takes up to 5 s if
 * it has to watch the lock. Throws the error of the disk.
 */
export async function takeDirectoryLock(options: LockOptions): Promise<LockAttempt> {
  const { storage, outputDir, processes, sleep = delay } = options;
  const own: LockHolder = { ...processes.own, lease: randomUUID(), ports: null };
  storage.makeFolder(privatePath(outputDir));
  const seenTickets = new Map<string, number>();
  for (;;) {
    const found = readLock(storage, outputDir);
    const state = found.holder === undefined ? 'dead' : processes.stateOf(found.holder);
    const holder = state === 'unknown' ? await watch(options, found) : found.holder;
    if (state !== 'dead' && holder !== undefined) return { kind: 'held', holder };
    const bytes = claim(options, own, found, seenTickets);
    if (bytes === undefined) {
      await sleep(pauseMs.min + Math.random() * (pauseMs.max - pauseMs.min));
      continue;
    }
    if (state === 'unknown') await sleep(graceMs);
    const now = readLock(storage, outputDir).holder;
    if (now?.lease === own.lease)
      return { kind: 'taken', lock: new DirectoryLock(options, own, bytes) };
    if (now !== undefined) return { kind: 'held', holder: now };
  }
}

/** The holder of the directory if it provably runs, in this process namespace. */
export function directoryHolder(
  storage: Storage,
  outputDir: string,
  processes: ProcessTable,
): LockHolder | undefined {
  const { holder } = readLock(storage, outputDir);
  return holder !== undefined && processes.stateOf(holder) === 'alive' ? holder : undefined;
}

/** The process and one of its listeners: `1234 on host web-2 (OTLP/HTTP on port 4318)`. */
export function holderText({ pid, host, ports }: LockHolder): string {
  const listeners = [
    ['OTLP/HTTP', ports?.http],
    ['OTLP/gRPC', ports?.grpc],
    ['dashboard', ports?.dashboard],
  ] as const;
  const [name, port] = listeners.find(([, number]) => typeof number === 'number') ?? [];
  const machine = host === '' || host === hostname() ? '' : ` on host ${host}`;
  return name === undefined ? `${pid}${machine}` : `${pid}${machine} (${name} on port ${port})`;
}

/** Renews itself each second, in the background. It does not keep the process alive. */
export class DirectoryLock {
  readonly #options: LockOptions;
  readonly #timer: NodeJS.Timeout;
  #own: LockHolder;
  #bytes: Uint8Array;
  #isHeld = true;
  #isRenewing = false;

  constructor(options: LockOptions, own: LockHolder, bytes: Uint8Array) {
    this.#options = options;
    this.#own = own;
    this.#bytes = bytes;
    this.#timer = setInterval(() => void this.renew(), renewalMs).unref();
  }

  /** Writes the ports into the lock. Call this when the listeners are open. */
  setPorts(ports: LockPorts): void {
    this.#own = { ...this.#own, ports };
    if (this.#isHeld && !this.#isTaken()) this.#write();
  }

  /** Writes the lock again if somebody removed it. */
  restore(): void {
    const { storage, outputDir } = this.#options;
    if (!this.#isHeld || this.#isTaken()) return;
    if (readLock(storage, outputDir).holder === undefined) this.#write();
  }

  /** Removes the lock, so that the next recorder can take the directory at once. */
  release(): void {
    const { storage, outputDir } = this.#options;
    if (!this.#isHeld || this.#isTaken()) return;
    this.#end();
    ifThere(() => storage.remove(lockPath(outputDir)));
  }

  /**
   * Changes the modification time of the lock, which needs no space on the disk. A disk that fails
   * does not lose the lease: nobody else can take it there either. The timer calls this.
   */
  async renew(): Promise<void> {
    const { outputDir, clock, touch = touchFile } = this.#options;
    // A disk that hangs must not collect more and more calls.
    if (this.#isRenewing || !this.#isHeld) return;
    this.#isRenewing = true;
    try {
      const isOwn = await touch(lockPath(outputDir), this.#bytes, clock.unixMs());
      if (!isOwn) this.restore();
    } catch {
      // The next renewal tries again.
    } finally {
      this.#isRenewing = false;
    }
  }

  /** True if another process has replaced the lock. Then the lease is lost, and this reports it. */
  #isTaken(): boolean {
    const { storage, outputDir, onLost } = this.#options;
    const { holder } = readLock(storage, outputDir);
    if (holder === undefined || holder.lease === this.#own.lease) return false;
    this.#end();
    onLost?.(holder);
    return true;
  }

  #write(): void {
    const { storage, outputDir } = this.#options;
    storage.makeFolder(privatePath(outputDir));
    this.#bytes = writeLock(storage, outputDir, this.#own);
  }

  #end(): void {
    this.#isHeld = false;
    clearInterval(this.#timer);
  }
}

/**
 * Watches a lock whose holder may run elsewhere. Returns the holder as soon as the lock changes.
 */
async function watch(
  { storage, outputDir, sleep = delay }: LockOptions,
  { stamp }: LockLook,
): Promise<LockHolder | undefined> {
  for (let waitedMs = 0; waitedMs < watchMs; waitedMs += lookMs) {
    await sleep(lookMs);
    const look = readLock(storage, outputDir);
    if (look.stamp !== stamp) return look.holder;
  }
  return undefined;
}

/** Rule 1, step by step. Returns the bytes of the lock; undefined if it has to be tried again. */
function claim(
  { storage, outputDir }: LockOptions,
  own: LockHolder,
  { stamp }: LockLook,
  seenTickets: Map<string, number>,
): Uint8Array | undefined {
  const folder = privatePath(outputDir);
  const ticket = `lock.${own.lease}`;
  const path = join(folder, ticket);
  storage.close(storage.open(path, 'create'));
  try {
    const names = storage.list(folder).map(({ name }) => name);
    const others = names.filter((name) => ticketPattern.test(name) && name !== ticket);
    for (const other of others) {
      const looks = (seenTickets.get(other) ?? 0) + 1;
      seenTickets.set(other, looks);
      if (looks >= ticketLooksMax) ifThere(() => storage.remove(join(folder, other)));
    }
    if (others.length > 0 || readLock(storage, outputDir).stamp !== stamp) return undefined;
    // Others remove the ticket of a process that was halted for seconds after its look at the lock.
    if (storage.stat(path) === undefined) return undefined;
    return writeLock(storage, outputDir, own);
  } finally {
    ifThere(() => storage.remove(path));
  }
}
