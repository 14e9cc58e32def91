/**
 * `.archer/lock`: one recorder at a time for one output directory; docs/format/lock.md.
 *
 *     free ──> ticket laid ──no other ticket, then no holder──> lock written ──> ticket gone: held
 *     ^            │ another's ticket, or a holder: ticket gone                          │
 *     └────────────┴─────────────────────── released, or the process has ended <─────────┘
 *
 * A ticket is an empty file in `.archer` whose name says whose it is; so it is there whole or not
 * at all. Tickets and locks of processes that have ended count for nothing.
 *
 * 1. Only a process that has laid its ticket, has then seen no other's and has then seen no holder
 *    writes the lock; it takes its ticket away last. Of two such processes one laid its ticket
 *    after the other had looked for it. It finds the other's ticket or, that being gone, the
 *    other's lock: so it gives way.
 * 2. What has ended never runs again: to clear it away takes nothing from anybody.
 * 3. The lock is replaced as a whole. Half a lock is what a loss of power leaves, and nobody's.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../shared/clock.ts';
import { readHead } from '../file-range.ts';
import { lockPath, privatePath } from '../layout.ts';
import { writeFileAtomically } from '../small-file.ts';
import type { Storage } from '../storage.ts';
import { ifThere } from '../tolerated-faults.ts';
import type { ProcessIdentity, ProcessTable } from './process-identity.ts';

/** Null for a listener that is off. */
export interface LockPorts {
  readonly grpc: number | null;
  readonly http: number | null;
  readonly dashboard: number | null;
}

export interface LockHolder extends ProcessIdentity {
  /** Null until the listeners are open. */
  readonly ports: LockPorts | null;
}

export interface LockOptions {
  readonly storage: Storage;
  readonly outputDir: string;
  readonly processes: ProcessTable;
  readonly clock: Clock;
}

export type LockAttempt =
  | { readonly kind: 'taken'; readonly lock: DirectoryLock }
  | { readonly kind: 'held'; readonly holder: LockHolder };

/** Hundreds of attempts; only a process that was halted in the middle of its own takes so long. */
const attemptsMsMax = 5_000;

/** An attempt takes less than a millisecond, or some where the disk is slow: most meet no other. */
const pauseMs = { min: 5, max: 40 } as const;

/** Makes `.archer` where it is missing. */
export async function takeDirectoryLock(options: LockOptions): Promise<LockAttempt> {
  const { storage, outputDir, clock } = options;
  storage.makeFolder(privatePath(outputDir));
  const lateMs = clock.monotonicMs() + attemptsMsMax;
  for (;;) {
    const result = attempt(options);
    if (result.kind !== 'rival') return result;
    if (clock.monotonicMs() >= lateMs) return { kind: 'held', holder: result.holder };
    // Of different lengths, so that two that met do not meet for ever.
    await sleep(pauseMs.min + Math.random() * (pauseMs.max - pauseMs.min));
  }
}

/** Who holds the directory; undefined where no process that still runs does. */
export function directoryHolder(
  storage: Storage,
  outputDir: string,
  processes: ProcessTable,
): LockHolder | undefined {
  const holder = readLock(storage, outputDir);
  return holder !== undefined && processes.isRunning(holder) ? holder : undefined;
}

/** The process and one of its listeners, for messages: `1234 (OTLP/HTTP on port 4318)`. */
export function holderText({ pid, ports }: LockHolder): string {
  const listeners = [
    ['OTLP/HTTP', ports?.http],
    ['OTLP/gRPC', ports?.grpc],
    ['dashboard', ports?.dashboard],
  ] as const;
  const [name, port] = listeners.find(([, number]) => typeof number === 'number') ?? [];
  return name === undefined ? String(pid) : `${pid} (${name} on port ${port})`;
}

export class DirectoryLock {
  readonly #options: LockOptions;
  #isHeld = true;

  constructor(options: LockOptions) {
    this.#options = options;
  }

  /** To be called once the listeners are open, and again if somebody has deleted the file. */
  setPorts(ports: LockPorts): void {
    if (!this.#isHeld) return;
    const { storage, outputDir } = this.#options;
    storage.makeFolder(privatePath(outputDir));
    writeLock(this.#options, ports);
  }

  /**
   * Writes the lock again where somebody has taken it away. Returns whoever has taken the directory
   * since: then it is theirs.
   */
  restore(ports: LockPorts | null): LockHolder | undefined {
    const { storage, outputDir, processes } = this.#options;
    if (!this.#isHeld) return undefined;
    const holder = readLock(storage, outputDir);
    if (holder !== undefined && !isSame(holder, processes.own) && processes.isRunning(holder)) {
      return holder;
    }
    if (holder === undefined || !isSame(holder, processes.own)) {
      storage.makeFolder(privatePath(outputDir));
      writeLock(this.#options, ports);
    }
    return undefined;
  }

  /** Leaves the directory to the next recorder. */
  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    const { storage, outputDir, processes } = this.#options;
    const holder = readLock(storage, outputDir);
    if (holder === undefined || !isSame(holder, processes.own)) return;
    removeIfThere(storage, lockPath(outputDir));
  }
}

type Attempt = LockAttempt | { readonly kind: 'rival'; readonly holder: LockHolder };

/** Rule 1, step by step. */
function attempt(options: LockOptions): Attempt {
  const { storage, outputDir, processes } = options;
  const own = processes.own;
  const ticket = join(privatePath(outputDir), ticketName(own));
  if (!layTicket(storage, ticket)) return { kind: 'rival', holder: { ...own, ports: null } };
  try {
    const rival = findRival(options);
    if (rival !== undefined) return { kind: 'rival', holder: { ...rival, ports: null } };
    const holder = directoryHolder(storage, outputDir, processes);
    if (holder !== undefined) return { kind: 'held', holder };
    writeLock(options, null);
    return { kind: 'taken', lock: new DirectoryLock(options) };
  } finally {
    removeIfThere(storage, ticket);
  }
}

/** False where it lies there already: another thread of this process is at it. */
function layTicket(storage: Storage, path: string): boolean {
  try {
    storage.close(storage.open(path, 'create'));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** A process with a ticket that still runs; tickets of others are cleared away. */
function findRival({ storage, outputDir, processes }: LockOptions): ProcessIdentity | undefined {
  const folder = privatePath(outputDir);
  let rival: ProcessIdentity | undefined;
  for (const { name } of storage.list(folder)) {
    const owner = parseTicketName(name);
    if (owner === undefined || isSame(owner, processes.own)) continue;
    if (processes.isRunning(owner)) rival = owner;
    else removeIfThere(storage, join(folder, name));
  }
  return rival;
}

function ticketName({ pid, startTime, bootId }: ProcessIdentity): string {
  return `lock.${pid}.${startTime}.${bootId}`;
}

function parseTicketName(name: string): ProcessIdentity | undefined {
  const [, pid, startTime, bootId] = /^lock\.(\d+)\.(\d*)\.([0-9A-Za-z-]*)$/.exec(name) ?? [];
  if (startTime === undefined || bootId === undefined || !isPid(Number(pid))) return undefined;
  return { pid: Number(pid), startTime, bootId };
}

function writeLock({ storage, outputDir, processes }: LockOptions, ports: LockPorts | null): void {
  const { pid, startTime, bootId } = processes.own;
  const text = JSON.stringify({ pid, start_time: startTime, boot_id: bootId, ports });
  writeFileAtomically(storage, lockPath(outputDir), Buffer.from(`${text}\n`));
}

/** Whether the lock of whoever holds the directory has been taken away. */
export function isLockMissing(storage: Storage, outputDir: string): boolean {
  return storage.stat(lockPath(outputDir)) === undefined;
}

/** Many times what a lock has. */
const lockBytesMax = 4096;

/** Undefined where there is none, or none that says who holds it. */
function readLock(storage: Storage, outputDir: string): LockHolder | undefined {
  const bytes = readHead(storage, lockPath(outputDir), lockBytesMax);
  if (bytes === undefined) return undefined;
  try {
    return toHolder(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function toHolder(value: unknown): LockHolder | undefined {
  const fields = toObject(value);
  const { pid, start_time: startTime, boot_id: bootId } = fields;
  if (!isPid(pid) || typeof startTime !== 'string' || typeof bootId !== 'string') return undefined;
  const { grpc, http, dashboard } = toObject(fields.ports);
  const ports = { grpc: toPort(grpc), http: toPort(http), dashboard: toPort(dashboard) };
  return { pid, startTime, bootId, ports: fields.ports === null ? null : ports };
}

function toObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function toPort(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

/** 0 and what is below it would mean groups of processes. */
function isPid(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

function isSame(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.pid === b.pid && a.startTime === b.startTime && a.bootId === b.bootId;
}

function removeIfThere(storage: Storage, path: string): void {
  ifThere(() => storage.remove(path));
}
