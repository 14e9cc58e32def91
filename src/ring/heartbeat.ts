/** Heartbeats: each thread that records shows that it goes on, and which call it waits for. */
import { type HeartbeatViews, heartbeatsBytes, viewHeartbeat } from './layout.ts';

/** Made by the main thread. */
export function createHeartbeats(threadCount: number): SharedArrayBuffer {
  return new SharedArrayBuffer(heartbeatsBytes(threadCount));
}

/** The thread's end. */
export class Heartbeat {
  readonly #views: HeartbeatViews;

  constructor(buffer: SharedArrayBuffer, threadIndex: number) {
    this.#views = viewHeartbeat(buffer, threadIndex);
  }

  /**
   * Shows that the thread goes on. `waitsFor` names the call that it makes now and that may block,
   * such as `write .archer/wal/lane-0/000001.log`; what does not fit is cut off.
   */
  beat(waitsFor = ''): void {
    const { count, textBytes, text } = this.#views;
    textBytes[0] = waitsFor === '' ? 0 : text.write(waitsFor);
    // Shows the main thread the text that was written before.
    Atomics.add(count, 0, 1);
  }
}

export interface HeartbeatReading {
  /** Changes with each beat; modulo 2^32. */
  readonly count: number;
  /** The call that the thread makes; only to be used while the count stands still. */
  readonly waitsFor: string;
}

/** The main thread's end. */
export function readHeartbeat(buffer: SharedArrayBuffer, threadIndex: number): HeartbeatReading {
  const { count, textBytes, text } = viewHeartbeat(buffer, threadIndex);
  // Shows this thread the text that was written before the last beat.
  const current = Atomics.load(count, 0);
  return { count: current, waitsFor: text.toString('utf8', 0, textBytes[0]) };
}
