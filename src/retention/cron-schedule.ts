/** Runs a task on a cron schedule in UTC. */
import { createTask } from 'node-cron';
import type { Journal } from '../shared/journal.ts';

export interface CronSchedule {
  close(): void;
}

/**
 * The expression has five fields, or six with seconds first. If a run is still in progress when the
 * next is due, the next is skipped. If a run rejects, the reason is written to the journal.
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
    // If the process is busy for a second, a run may be missed. The next one makes up for it.
    suppressMissedWarning: true,
    logger: { info: () => {}, warn: tell, error: tell, debug: () => {} },
    unref: true,
  });
  void task.start();
  return { close: () => void task.destroy() };
}
