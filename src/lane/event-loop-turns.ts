/** Lets the event loop of a lane's thread turn during long synchronous work. */
import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import type { Clock } from '../shared/clock.ts';

/**
 * The output of the native compressor is freed only when the event loop turns. Within this time
 * recovery leaves some megabytes of such garbage behind.
 */
const turnAfterMs = 20;

/** Runs all steps, with a turn of the event loop every 20 ms; resolves with what they return. */
export async function finishInTurns<T>(
  steps: Generator<void, T, undefined>,
  clock: Clock,
): Promise<T> {
  let turnMs = clock.monotonicMs() + turnAfterMs;
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (clock.monotonicMs() < turnMs) continue;
    await eventLoopTurn();
    turnMs = clock.monotonicMs() + turnAfterMs;
  }
}

/**
 * Frees the output of the native compressor after each compression. Without a turn of the event
 * loop it is never freed, however long it has been garbage, and the memory of the process grows by
 * as many bytes as the lane writes.
 */
export class CompressorGarbage {
  #isThere = false;

  /** Called before each compression. */
  add(): void {
    this.#isThere = true;
  }

  /** Turns the event loop once if anything was compressed since the last call. */
  async free(): Promise<void> {
    if (!this.#isThere) return;
    this.#isThere = false;
    await eventLoopTurn();
  }
}
