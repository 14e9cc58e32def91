/** Sends requests, so many at a time, tries again where that may help, and counts the answers. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Answer } from '../../client/answer.ts';
import { type BackoffLimits, backoffMs } from '../../client/backoff.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Signal } from '../../shared/signal.ts';
import { countAnswer, emptyTally, type Tally } from './tally.ts';

export interface RetryRules extends BackoffLimits {
  /** The first one counts. */
  readonly triesMax: number;
  /** A destination that asks for more patience than this gets the request back after this. */
  readonly retryAfterMsMax: number;
}

export interface DeliveryRules {
  /** Of what is sent. */
  readonly signals: readonly Signal[];
  /** Requests under way at the same time. */
  readonly concurrency: number;
  readonly retry: RetryRules;
}

export interface DeliveryPorts {
  readonly clock: Clock;
  /** Resolves early when the signal is aborted. */
  readonly sleep: (ms: number, stop: AbortSignal) => Promise<void>;
  /** Never rejects. */
  readonly send: (signal: Signal, body: Uint8Array) => Promise<Answer>;
  /** From 0 up to 1; spreads the retries of many senders. */
  readonly fraction: () => number;
  readonly progress: (tally: Tally, elapsedMs: number) => void;
  /** Called once, before a request is sent again: from now on patience is needed. */
  readonly onFirstRetry?: (reason: string) => void;
}

export interface DeliverableRequest {
  readonly signal: Signal;
  readonly body: Uint8Array;
  readonly itemCount: number;
}

/** Does nothing for a while; an aborted signal ends it early. */
export async function sleep(ms: number, stop: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal: stop });
  } catch (error) {
    if (!stop.aborted) throw error;
  }
}

export class RequestDelivery {
  readonly #rules: DeliveryRules;
  readonly #ports: DeliveryPorts;
  readonly #stop: AbortSignal;
  readonly #startMs: number;
  readonly #underWay = new Set<Promise<void>>();
  readonly #tally: Tally;
  #failedInARow = 0;
  #hasRetried = false;

  constructor(rules: DeliveryRules, ports: DeliveryPorts, stop: AbortSignal) {
    this.#rules = rules;
    this.#ports = ports;
    this.#stop = stop;
    this.#startMs = ports.clock.monotonicMs();
    this.#tally = emptyTally(rules.signals);
  }

  /** Whether nothing more is to be started. */
  get isOver(): boolean {
    return this.#stop.aborted || this.#tally.gaveUp;
  }

  elapsedMs(): number {
    return this.#ports.clock.monotonicMs() - this.#startMs;
  }

  /** Resolves when another request may be started. */
  async start(
    request: DeliverableRequest,
    onAnswer: (answer: Answer) => void = () => {},
  ): Promise<void> {
    const task = this.#deliver(request, onAnswer).finally(() => this.#underWay.delete(task));
    this.#underWay.add(task);
    if (this.#underWay.size >= this.#rules.concurrency) await Promise.race(this.#underWay);
  }

  /** Waits for what is under way. */
  async finish(): Promise<Tally> {
    await Promise.all(this.#underWay);
    this.#tally.seconds = this.elapsedMs() / 1000;
    return this.#tally;
  }

  async #deliver(
    { signal, body, itemCount }: DeliverableRequest,
    onAnswer: (answer: Answer) => void,
  ): Promise<void> {
    const answer = await this.#sendUntilAnswered(signal, body);
    countAnswer(this.#tally, signal, itemCount, answer);
    this.#failedInARow = isFailure(answer) ? this.#failedInARow + 1 : 0;
    if (this.#failedInARow >= this.#rules.concurrency) this.#tally.gaveUp = true;
    onAnswer(answer);
    this.#ports.progress(this.#tally, this.elapsedMs());
  }

  async #sendUntilAnswered(signal: Signal, body: Uint8Array): Promise<Answer> {
    const { send, sleep, fraction } = this.#ports;
    const { triesMax, retryAfterMsMax, ...limits } = this.#rules.retry;
    for (let tries = 1; ; tries++) {
      const answer = await send(signal, body);
      if (answer.verdict !== 'unavailable' || tries >= triesMax) return answer;
      if (!this.#hasRetried) this.#ports.onFirstRetry?.(answer.message);
      this.#hasRetried = true;
      const askedMs = Math.min(answer.retryAfterMs, retryAfterMsMax);
      await sleep(backoffMs(tries, limits, fraction(), askedMs), this.#stop);
      if (this.#stop.aborted) return answer;
      this.#tally.retries++;
    }
  }
}

/** When as many in a row as may be under way have one, the next will hardly fare better. */
function isFailure(answer: Answer): boolean {
  return answer.verdict === 'unavailable' || (answer.verdict === 'refused' && answer.isMisdirected);
}
