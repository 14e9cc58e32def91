/** Lets the main thread give way to those that record, where cores are fewer than threads. */
import { constants, platform, setPriority } from 'node:os';

/**
 * To be called on the main thread when the threads that record run: later ones inherit what it has.
 * Forwarding and all else on it then take the time that recording leaves: without this, on a busy
 * machine, answers came three times as late beside a fast destination as they do now
 * (`npm run bench -- forward`). A lane that is started again after its death has it too. Only Linux
 * has priorities of threads; elsewhere nothing is done.
 */
export function lowerMainThreadPriority(): void {
  if (platform() !== 'linux') return;
  try {
    // The main thread has the number of the process.
    setPriority(process.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Where that is not allowed, all threads go on as equals.
  }
}
