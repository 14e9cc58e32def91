/** Limits repeated log lines: the first is written at once, then at most one a minute. */
import type { Clock } from '../shared/clock.ts';
import type { Journal, JournalFields, JournalLevel } from '../shared/journal.ts';

const quietMs = 60_000;

interface Repetition {
  readonly loggedMs: number;
  suppressedCount: number;
}

export class Warnings {
  readonly #journal: Journal;
  readonly #clock: Clock;
  /** One entry for each message. Messages are constant except for the destination's name. */
  readonly #repetitions = new Map<string, Repetition>();

  constructor(journal: Journal, clock: Clock) {
    this.#journal = journal;
    this.#clock = clock;
  }

  /** Writes at most one line a minute for each message, whatever its fields are. */
  write(message: string, fields: JournalFields, level: JournalLevel = 'warn'): void {
    const nowMs = this.#clock.monotonicMs();
    const repetition = this.#repetitions.get(message);
    if (repetition !== undefined && nowMs - repetition.loggedMs < quietMs) {
      repetition.suppressedCount += 1;
      return;
    }
    const since = repetition === undefined ? {} : { suppressed: repetition.suppressedCount };
    this.#repetitions.set(message, { loggedMs: nowMs, suppressedCount: 0 });
    this.#journal.write(level, message, { ...fields, ...since });
  }
}
