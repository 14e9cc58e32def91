/**
 * The parent's side of the load generator: starts it, sends it orders, and never waits without a
 * bound.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadOptions, LoadOrder, LoadResult } from './load.ts';
import { endProcess, nextMessage } from './target.ts';

/**
 * Time for the requests that are in flight when an order's time ends; far more than any of them
 * needs.
 */
const graceMs = 30_000;

export interface LoadProcess {
  obey(order: LoadOrder): Promise<LoadResult>;
  stop(): Promise<void>;
}

export async function startLoad(options: LoadOptions): Promise<LoadProcess> {
  const script = fileURLToPath(new URL('./load.js', import.meta.url));
  const child = fork(script, [JSON.stringify(options)]);
  await nextMessage(child);
  return {
    obey: async (order) => {
      const result = nextMessage<LoadResult>(child);
      child.send(order);
      const late = setTimeout(() => child.kill('SIGKILL'), order.durationMs + graceMs);
      return result.finally(() => clearTimeout(late));
    },
    stop: () => endProcess(child),
  };
}
