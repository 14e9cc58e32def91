/** Runs something by a cron expression, in UTC. */
import { createTask } from 'node-cron';
import type { Journal } from '../shared/journal.ts';

export interface CronSchedule {
  close(): void;
}

/**
 * The expression has five fields, or six with seconds first. What is still running when its time
 * comes again is not started twice; what it rejects with goes to the journal.
 */
export function openSchedule(
  name: string,
  expression: string,
  run: () => Promise<unknown>,
  journal: Journal,
): CronSchedule {
  const tell = (error: unknown) => {
    journal.write('warn', `${name}: ${error instanceof Error ? error.message : String(error)}`);
  };
  const task = createTask(expression, () => run().catch(tell), {
    name,
    timezone: 'UTC',
    noOverlap: true,
    // A process that is busy for a second misses one, and the next comes anyway.
    suppressMissedWarning: true,
    logger: { info: () => {}, warn: tell, error: tell, debug: () => {} },
    unref: true,
  });
  void task.start();
  return { close: () => void task.destroy() };
}
