/** Gives the main thread a lower priority than the threads that record. */
import { constants, platform, setPriority } from 'node:os';

/**
 * Call this on the main thread when the threads that record run, because later threads inherit the
 * priority. Forwarding and the other work of the main thread then get only the time that recording
 * leaves. Without this, on a busy machine, a fast destination made answers three times as late
 * (`npm run bench -- forward`). A lane that is started again after its death inherits the lower
 * priority, too. Only Linux has priorities for threads. On other systems nothing happens.
 */
export function lowerMainThreadPriority(): void {
  if (platform() !== 'linux') return;
  try {
    // The id of the main thread is the id of the process.
    setPriority(process.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // If this is not allowed, all threads keep the same priority.
  }
}
