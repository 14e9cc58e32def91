/** Keeps V8's young generation small where little is young: on the main thread and in a lane. */

import { setFlagsFromString } from 'node:v8';
import type { ResourceLimits } from 'node:worker_threads';

/*
 * V8 lets each thread have up to 32 MiB of garbage before it looks. A receiver needs them: what its
 * calls hold lives for some milliseconds, and would grow old before its time. With the other two
 * kept small a recorder takes 15 to 30 MiB less, and no more CPU time
 * (`npm run bench -- end-to-end`).
 */

/** For the thread of a lane. */
export const laneLimits: ResourceLimits = { maxYoungGenerationSizeMb: 3 };

/** Of the main thread, before anything large is loaded: what has grown stays. */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
