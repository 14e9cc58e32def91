/** Notices that the clock of the system was set, and reports it with both times. */
import type { Clock } from '../shared/clock.ts';
import type { Journal } from '../shared/journal.ts';

/** A smaller correction is normal, and changes nothing that a user sees. */
const jumpMsMin = 60_000;

const lookMs = 1_000;

export class ClockWatch {
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #timer: NodeJS.Timeout;
  /** Difference between the clock of the system and the monotonic clock, at the last look. */
  #offsetMs: number;

  constructor(clock: Clock, journal: Journal) {
    this.#clock = clock;
    this.#journal = journal;
    this.#offsetMs = clock.unixMs() - clock.monotonicMs();
    this.#timer = setInterval(() => this.look(), lookMs).unref();
  }

  /** Compares both clocks; a timer calls this each second. */
  look(): void {
    const [unixMs, monotonicMs] = [this.#clock.unixMs(), this.#clock.monotonicMs()];
    const expectedMs = this.#offsetMs + monotonicMs;
    this.#offsetMs = unixMs - monotonicMs;
    if (Math.abs(unixMs - expectedMs) <= jumpMsMin) return;
    this.#journal.write('warn', 'the clock of the system was set, or the machine slept', {
      expected: toText(expectedMs),
      found: toText(unixMs),
    });
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

function toText(unixMs: number): string {
  return new Date(unixMs).toISOString();
}
