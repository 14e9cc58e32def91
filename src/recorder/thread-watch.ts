/** Notices that a thread does not go on, by its heartbeat, and what it waits for. */
import { readHeartbeat } from '../ring/heartbeat.ts';
import type { Clock } from '../shared/clock.ts';
import type { Journal } from '../shared/journal.ts';

/**
 * A thread that works or sleeps beats at least once a second. After this time without a beat it
 * hangs. With the time between two looks, a hang is known within 3 s.
 */
const hangMsMin = 2_000;

/** Time between two looks at the heartbeats. */
const lookMs = 500;

export interface ThreadWatchOptions {
  readonly heartbeats: SharedArrayBuffer;
  /** Names for sentences, such as `the lane`, by the index of the thread. */
  readonly names: readonly string[];
  readonly clock: Clock;
  readonly journal: Journal;
}

interface WatchedThread {
  readonly name: string;
  count: number;
  /** When the count was first seen; undefined while the thread is not watched. */
  sinceMs: number | undefined;
  waitsFor: string;
  isHanging: boolean;
}

export class ThreadWatch {
  readonly #options: ThreadWatchOptions;
  readonly #threads: readonly WatchedThread[];
  readonly #timer: NodeJS.Timeout;

  constructor(options: ThreadWatchOptions) {
    this.#options = options;
    this.#threads = options.names.map((name) => {
      return { name, count: 0, sinceMs: undefined, waitsFor: '', isHanging: false };
    });
    this.#timer = setInterval(() => this.look(), lookMs).unref();
  }

  /** Returns why the thread does not go on; undefined if it does, or has not begun to beat. */
  hang(threadIndex: number): string | undefined {
    const { name, isHanging, waitsFor, sinceMs } = this.#threads[threadIndex]!;
    if (!isHanging || sinceMs === undefined) return undefined;
    const seconds = Math.floor((this.#options.clock.monotonicMs() - sinceMs) / 1000);
    const call = waitsFor === '' ? '' : `: it waits for ${waitsFor}`;
    return `${name} has not gone on for ${seconds} s${call}`;
  }

  /** Returns why a thread does not go on; undefined if all do. */
  get anyHang(): string | undefined {
    for (const index of this.#threads.keys()) {
      const hang = this.hang(index);
      if (hang !== undefined) return hang;
    }
    return undefined;
  }

  /** Called when a thread ends or starts: it is watched again from its first beat on. */
  reset(threadIndex: number): void {
    const thread = this.#threads[threadIndex]!;
    thread.count = readHeartbeat(this.#options.heartbeats, threadIndex).count;
    thread.sinceMs = undefined;
    thread.isHanging = false;
  }

  /** Looks at all heartbeats; a timer calls this twice a second. */
  look(): void {
    for (const [index, thread] of this.#threads.entries()) this.#lookAt(thread, index);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #lookAt(thread: WatchedThread, index: number): void {
    const { heartbeats, clock, journal } = this.#options;
    const { count, waitsFor } = readHeartbeat(heartbeats, index);
    const nowMs = clock.monotonicMs();
    if (count !== thread.count) {
      if (thread.isHanging) journal.write('info', `${thread.name} goes on`);
      Object.assign(thread, { count, sinceMs: nowMs, isHanging: false });
      return;
    }
    if (thread.sinceMs === undefined || nowMs - thread.sinceMs < hangMsMin) return;
    thread.waitsFor = waitsFor;
    if (thread.isHanging) return;
    thread.isHanging = true;
    journal.write('error', this.hang(index)!);
  }
}
