/** Keeps V8's young generation small: a recorder has little that is young for long. */

import { setFlagsFromString } from 'node:v8';
import type { ResourceLimits } from 'node:worker_threads';

/*
 * V8 would let each thread have up to 32 MiB of garbage before it looks. What a recorder throws
 * away is mostly the chunks of sockets: their memory lies outside V8's heap, is given back when
 * their handles are collected, and piles up until then.
 */

/**
 * For each worker. With half as much, gRPC takes a third fewer spans per CPU-second; with more,
 * memory alone grows (`npm run bench -- end-to-end`).
 */
export const workerLimits: ResourceLimits = { maxYoungGenerationSizeMb: 12 };

/** Of the main thread, before anything large is loaded: what has grown stays. */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
