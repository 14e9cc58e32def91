/** A forwarder between a log in memory and a destination that answers as it is told. */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import type { Answer } from '../../src/client/answer.ts';
import { Cursor } from '../../src/forward/cursor.ts';
import type { ForwardRules } from '../../src/forward/forward-status.ts';
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
export const misdirected: Answer = { verdict: 'refused', message: 'who?', isMisdirected: true };

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

/** For `afterEach`: what a failed test has left would go on for ever, as its time takes none. */
export async function stopAll(): Promise<void> {
  await Promise.all(opened.splice(0).map(({ forwarder }) => forwarder.stop(0)));
}

/** Time moves as far as is slept, so that nothing takes any. */
export class Destination {
  readonly clock = new ManualClock(1_000_000);
  readonly fake = new FakeLog();
  readonly sent: { readonly position: number; readonly ms: number }[] = [];
  readonly saved: string[] = [];
  /** What was said, without the fields. */
  readonly lines: string[] = [];
  readonly forwarder: Forwarder;
  /** Thrown, where it is an error. */
  answers: (Answer | Error)[] = [];
  /** Whether a client could be opened. */
  isReady = true;
  /** A position whose request has no form for the destination. */
  shapeless: number | undefined;
  /** A position that is answered with `unavailable`, whatever else. */
  poison: number | undefined;
  /** Requests that are never answered, until they are cut. */
  isHanging = false;
  underWayMax = 0;
  #underWay = 0;

  constructor(changed: Partial<ForwardRules> = {}, text?: string) {
    opened.push(this);
    const given = { ...rules, ...changed };
    const cursor = text === undefined ? new Cursor(0) : Cursor.fromText(0, text)!;
    cursor.want(given.signals, 0);
    const sleep = async (ms: number) => {
      await turn();
      this.clock.advance(ms);
    };
    this.forwarder = new Forwarder({
      rules: given,
      encode: (_signal, bytes) => {
        if (Number(Buffer.from(bytes)) === this.shapeless) throw new Error('index out of range');
        return bytes;
      },
      ready: async (stop) => {
        while (!this.isReady && !stop.aborted) await sleep(1_000);
      },
      send: (_signal, bytes, stop) => this.#send(bytes, stop),
      log: this.fake.log,
      archive: this.fake.archive,
      cursor,
      cursorFile: { save: (saved) => this.saved.push(saved), isThere: () => true },
      clock: this.clock,
      journal: { write: (_level, message) => this.lines.push(message) },
      sleep,
      fraction: () => 1,
    });
  }

  get positions(): number[] {
    return this.sent.map(({ position }) => position);
  }

  /** Runs until so many requests were sent, and some turns more. */
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
    this.underWayMax = Math.max(this.underWayMax, ++this.#underWay);
    if (this.isHanging) await new Promise((resolve) => stop.addEventListener('abort', resolve));
    await turn();
    this.#underWay -= 1;
    if (this.isHanging || this.poison === Number(Buffer.from(bytes))) return unavailable;
    const answer = this.answers.shift() ?? accepted;
    if (answer instanceof Error) throw answer;
    return answer;
  }
}

export function add(destination: Destination, count: number): void {
  for (let position = 1; position <= count; position++) destination.fake.add(position);
}
