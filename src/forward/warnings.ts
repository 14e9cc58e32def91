/** Lines that would come in crowds: the first at once, then one a minute for the rest. */
import type { Clock } from '../shared/clock.ts';
import type { Journal, JournalFields, JournalLevel } from '../shared/journal.ts';

const quietMs = 60_000;

interface Crowd {
  readonly saidMs: number;
  silentCount: number;
}

export class Warnings {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #crowds = new Map<string, Crowd>();

  constructor(journal: Journal, clock: Clock) {
    this.#journal = journal;
    this.#clock = clock;
  }

  /** Of each message, whatever its fields, at most one line a minute. */
  write(message: string, fields: JournalFields, level: JournalLevel = 'warn'): void {
    const nowMs = this.#clock.monotonicMs();
    const crowd = this.#crowds.get(message);
    if (crowd !== undefined && nowMs - crowd.saidMs < quietMs) {
      crowd.silentCount += 1;
      return;
    }
    const since = crowd === undefined ? {} : { unsaid_since_the_last: crowd.silentCount };
    this.#crowds.set(message, { saidMs: nowMs, silentCount: 0 });
    this.#journal.write(level, message, { ...fields, ...since });
  }
}
