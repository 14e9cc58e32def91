/** Runs a task on a cron schedule in UTC. */
import { createTask } from 'node-cron';
import type { Clock } from '../shared/clock.ts';
import type { Journal } from '../shared/journal.ts';

/**
 * Time between two looks at the clock; a run starts at most so much later than its time. node-cron
 * only says whether a time matches. Its own timer walks through every minute that the clock of the
 * system skips, on the main thread: 30 days take 10 s, and a start in 1970 takes hours.
 */
const lookMs = 500;

/**
 * If the main thread was busy for less than this, the times that have passed meanwhile count. After
 * a longer gap the clock was set ahead, or the machine slept: then one run takes the place of all
 * that were missed.
 */
const gapSecondsMax = 60;

export interface CronScheduleOptions {
  /** For messages: the name of the setting. */
  readonly name: string;
  /** Five fields, or six with seconds first. */
  readonly expression: string;
  /** Not started again while it runs. The journal gets what it rejects with. */
  readonly run: () => Promise<unknown>;
  readonly clock: Clock;
  readonly journal: Journal;
}

export class CronSchedule {
  readonly #options: CronScheduleOptions;
  readonly #matches: (unixSecond: number) => boolean;
  readonly #timer: NodeJS.Timeout;
  /** The last second that was looked at. */
  #second: number;
  #isRunning = false;

  constructor(options: CronScheduleOptions) {
    const { expression, clock } = options;
    // This task is never started: it only compares times with the expression.
    const task = createTask(expression, () => {}, { timezone: 'UTC' });
    const hasSeconds = expression.trim().split(/\s+/).length > 5;
    this.#options = options;
    this.#matches = (second) => {
      return (hasSeconds || second % 60 === 0) && task.match(new Date(second * 1000));
    };
    this.#second = Math.floor(clock.unixMs() / 1000);
    this.#timer = setInterval(() => this.look(), lookMs).unref();
  }

  /** Runs if a time of the expression has passed since the last look; a timer calls this. */
  look(): void {
    const last = this.#second;
    const now = Math.floor(this.#options.clock.unixMs() / 1000);
    this.#second = now;
    if (now === last) return;
    if (now - last > gapSecondsMax || this.#passed(last, now)) this.#run();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** After the clock was set back, only the time that it shows now counts. */
  #passed(last: number, now: number): boolean {
    for (let second = now < last ? now : last + 1; second <= now; second++) {
      if (this.#matches(second)) return true;
    }
    return false;
  }

  #run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    const { name, run, journal } = this.#options;
    run()
      .catch((error) => {
        const reason = error instanceof Error ? error.message : String(error);
        journal.write('warn', `${name}: ${reason}`);
      })
      .finally(() => {
        this.#isRunning = false;
      });
  }
}
