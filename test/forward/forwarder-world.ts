/** A forwarder with a log in memory and a destination whose answers the test chooses. */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import type { Answer } from '../../src/client/answer.ts';
import { Cursor } from '../../src/forward/cursor.ts';
import type { ForwardRules } from '../../src/forward/forward-rules.ts';
import { Forwarder } from '../../src/forward/forwarder.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import { FakeLog } from './fake-log.ts';

export const accepted: Answer = { verdict: 'accepted', rejectedItems: 0, message: '' };
export const unavailable = {
  verdict: 'unavailable',
  message: 'away',
  retryAfterMs: 0,
} as const satisfies Answer;
export const refused: Answer = { verdict: 'refused', message: 'no', isMisdirected: false };
export const misdirected: Answer = { verdict: 'refused', message: 'unknown', isMisdirected: true };

export const rules: ForwardRules = {
  name: 'upstream',
  signals: ['traces', 'metrics', 'logs'],
  samplingRatio: 1,
  concurrency: 1,
  rateLimit: 0,
  retry: { initialMs: 100, multiplier: 2, maxMs: 1_000 },
  breaker: { failureCount: 3, resetMs: 5_000, successCount: 2 },
};

const opened: Destination[] = [];

/** For `afterEach`: stops forwarders of failed tests, which would run for ever in manual time. */
export async function stopAll(): Promise<void> {
  await Promise.all(opened.splice(0).map(({ forwarder }) => forwarder.stop(0)));
}

/** A sleep advances the manual clock, so that no test waits. */
export class Destination {
  readonly clock = new ManualClock(1_000_000);
  readonly fake = new FakeLog();
  readonly sent: { readonly position: number; readonly ms: number }[] = [];
  readonly saved: string[] = [];
  /** The log lines, without their fields. */
  readonly lines: string[] = [];
  readonly forwarder: Forwarder;
  /** The next answers. An Error is thrown. */
  answers: (Answer | Error)[] = [];
  /** True if the client can send. */
  isReady = true;
  /** The position of a request that cannot be converted. */
  unconvertible: number | undefined;
  /** The position of a request that is always answered with `unavailable`. */
  poison: number | undefined;
  /** True if requests get no answer until they are aborted. */
  isHanging = false;
  inFlightMax = 0;
  #inFlight = 0;

  constructor(changed: Partial<ForwardRules> = {}, text?: string) {
    opened.push(this);
    const given = { ...rules, ...changed };
    const cursor = text === undefined ? new Cursor(0) : Cursor.fromText(0, text)!;
    cursor.addSignals(given.signals, 0);
    const sleep = async (ms: number) => {
      await turn();
      this.clock.advance(ms);
    };
    this.forwarder = new Forwarder({
      rules: given,
      convert: (_signal, bytes) => {
        if (Number(Buffer.from(bytes)) === this.unconvertible)
          throw new Error('index out of range');
        return bytes;
      },
      ready: async (stop) => {
        while (!this.isReady && !stop.aborted) await sleep(1_000);
      },
      send: (_signal, bytes, stop) => this.#send(bytes, stop),
      log: this.fake.log,
      archive: this.fake.archive,
      cursor,
      cursorFile: { save: (saved) => this.saved.push(saved), exists: () => true },
      clock: this.clock,
      journal: { write: (_level, message) => this.lines.push(message) },
      sleep,
      fraction: () => 1,
    });
  }

  get positions(): number[] {
    return this.sent.map(({ position }) => position);
  }

  /** Runs until this many requests were sent, and for a few turns of the event loop more. */
  async run(sentCount: number): Promise<void> {
    this.forwarder.start();
    for (let turns = 0; this.sent.length < sentCount; turns++) {
      assert.ok(turns < 100_000, `${this.sent.length} of ${sentCount} were sent`);
      await turn();
    }
    for (let turns = 0; turns < 5; turns++) await turn();
  }

  async #send(bytes: Uint8Array, stop: AbortSignal): Promise<Answer> {
    this.sent.push({ position: Number(Buffer.from(bytes)), ms: this.clock.monotonicMs() });
    this.inFlightMax = Math.max(this.inFlightMax, ++this.#inFlight);
    if (this.isHanging) await new Promise((resolve) => stop.addEventListener('abort', resolve));
    await turn();
    this.#inFlight -= 1;
    if (this.isHanging || this.poison === Number(Buffer.from(bytes))) return unavailable;
    const answer = this.answers.shift() ?? accepted;
    if (answer instanceof Error) throw answer;
    return answer;
  }
}

export function add(destination: Destination, count: number): void {
  for (let position = 1; position <= count; position++) destination.fake.add(position);
}
