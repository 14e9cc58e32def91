/** Ends the process, also if one of its threads is blocked in a call of the operating system. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Time for the threads to end. They do so within milliseconds, unless they are blocked. */
const threadsMsMax = 500;

/** Time for SIGKILL to end the process. */
const killMsMax = 500;

export interface ProcessPort {
  exit(code: number): void;
  kill(): void;
  abort(): void;
}

const thisProcess: ProcessPort = {
  exit: (code) => process.exit(code),
  kill: () => process.kill(process.pid, 'SIGKILL'),
  abort: () => process.abort(),
};

/** Resolves with true once the threads have ended, and with false if that takes too long. */
export async function threadsEnd(endThreads: () => Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  const late = sleep(threadsMsMax, false, { signal: timer.signal }).catch(() => false);
  const ended = endThreads().then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([ended, late]);
  } finally {
    timer.abort();
  }
}

/**
 * Ends the process with the code. `process.exit` waits for all threads, and would wait forever for
 * one that is blocked. Then SIGKILL ends the process, or abort, because the first process of a
 * container ignores a SIGKILL that it sends itself.
 */
export async function forceEnd(
  code: number,
  endThreads: () => Promise<unknown>,
  port: ProcessPort = thisProcess,
): Promise<void> {
  if (await threadsEnd(endThreads)) {
    port.exit(code);
    return;
  }
  port.kill();
  await sleep(killMsMax);
  port.abort();
}
