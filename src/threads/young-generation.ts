/** Keeps V8's young generation small where little is young: on the main thread and in a lane. */
import { setFlagsFromString } from 'node:v8';
import type { ResourceLimits } from 'node:worker_threads';

/*
 * V8 lets each thread have up to 32 MiB of garbage before it looks. A receiver needs them: what its
 * calls hold lives for some milliseconds, and would grow old before its time. With the other two
 * kept small `npm run bench -- end-to-end` shows a peak of 167 to 215 MiB; without, 205 to 238.
 */

/** For the thread of a lane. */
export const laneLimits: ResourceLimits = { maxYoungGenerationSizeMb: 3 };

/**
 * Of the main thread, before anything large is loaded: what has grown stays. It holds until the
 * first worker starts, as V8 sets the factor anew with each heap; all is loaded by then.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
