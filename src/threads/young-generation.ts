/** Keeps V8's young generation small in threads that make little garbage: main and lanes. */
import { setFlagsFromString } from 'node:v8';
import type { ResourceLimits } from 'node:worker_threads';

/*
 * V8 lets the garbage of each thread grow up to 32 MiB before it collects. A receiver needs that
 * much: the objects of its calls live for some milliseconds, and would be moved to the old
 * generation too early. With small young generations in the other two threads,
 * `npm run bench -- end-to-end` shows a peak of 167 to 215 MiB; without, 205 to 238 MiB.
 */

/** Limits for the thread of a lane. */
export const laneLimits: ResourceLimits = { maxYoungGenerationSizeMb: 3 };

/**
 * Call this on the main thread before it loads anything large, because a young generation that has
 * grown stays large. V8 resets this factor whenever it creates a heap, so starting the first worker
 * undoes the setting. By then the main thread has loaded its modules, which is all we needed.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
