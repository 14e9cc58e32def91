/** Sends requests with limited concurrency, retries those that may succeed, counts the answers. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Answer } from '../../client/answer.ts';
import { type BackoffLimits, backoffMs } from '../../client/backoff.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Signal } from '../../shared/signal.ts';
import { countAnswer, emptyTally, type Tally } from './tally.ts';

export interface RetryRules extends BackoffLimits {
  /** The number of attempts for a request, including the first. */
  readonly triesMax: number;
  /** The longest delay that is taken from a destination's Retry-After. */
  readonly retryAfterMsMax: number;
  /**
   * The delivery gives up when this time has passed without an answer to any request. An answer
   * that asks to retry counts only if it says when.
   */
  readonly silenceMsMax?: number;
}

export interface DeliveryRules {
  /** The signals of the requests. */
  readonly signals: readonly Signal[];
  /** The number of requests that are sent at the same time. */
  readonly concurrency: number;
  readonly retry: RetryRules;
}

export interface DeliveryPorts {
  readonly clock: Clock;
  /** Resolves early when the signal is aborted. */
  readonly sleep: (ms: number, stop: AbortSignal) => Promise<void>;
  /** Never rejects. If `stop` is aborted, the answer is `unavailable`. */
  readonly send: (signal: Signal, body: Uint8Array, stop?: AbortSignal) => Promise<Answer>;
  /** Returns a random number from 0 up to 1, which spreads the retries of many senders. */
  readonly fraction: () => number;
  readonly progress: (tally: Tally, elapsedMs: number) => void;
  /** Called once, before the first retry. */
  readonly onFirstRetry?: (reason: string) => void;
}

export interface DeliverableRequest {
  readonly signal: Signal;
  readonly body: Uint8Array;
  readonly itemCount: number;
}

/** Waits; an aborted signal ends the wait early. */
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
  #lastAnswerMs: number;

  constructor(rules: DeliveryRules, ports: DeliveryPorts, stop: AbortSignal) {
    this.#rules = rules;
    this.#ports = ports;
    this.#stop = stop;
    this.#startMs = ports.clock.monotonicMs();
    this.#lastAnswerMs = this.#startMs;
    this.#tally = emptyTally(rules.signals);
  }

  /** True if no more requests may be started. */
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

  /** Waits for the requests in flight. */
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
    const { triesMax, retryAfterMsMax, silenceMsMax, ...limits } = this.#rules.retry;
    let reason: string | undefined;
    for (let tries = 1; ; tries++) {
      const answer = await send(signal, body, this.#silenceSignal());
      if (answer.verdict !== 'unavailable' || answer.retryAfterMs > 0) {
        this.#lastAnswerMs = this.#ports.clock.monotonicMs();
      }
      if (answer.verdict !== 'unavailable') return answer;
      if (this.#silenceLeftMs() <= 0) {
        this.#tally.gaveUp = true;
        const message = `${reason ?? answer.message}, for ${silenceMsMax! / 1000} s`;
        return { ...answer, message };
      }
      if (tries >= triesMax || this.#tally.gaveUp) return answer;
      reason = answer.message;
      if (!this.#hasRetried) this.#ports.onFirstRetry?.(answer.message);
      this.#hasRetried = true;
      const askedMs = Math.min(answer.retryAfterMs, retryAfterMsMax);
      const delayMs = backoffMs(tries, limits, fraction(), askedMs);
      await sleep(askedMs > 0 ? delayMs : Math.min(delayMs, this.#silenceLeftMs()), this.#stop);
      if (this.#stop.aborted) return answer;
      this.#tally.retries++;
    }
  }

  /** Returns how long the destination may stay silent from now on. */
  #silenceLeftMs(): number {
    const { silenceMsMax = Number.POSITIVE_INFINITY } = this.#rules.retry;
    return this.#lastAnswerMs + silenceMsMax - this.#ports.clock.monotonicMs();
  }

  /** Returns a signal that ends a request in time, if most of the silence has passed already. */
  #silenceSignal(): AbortSignal | undefined {
    const { silenceMsMax = Number.POSITIVE_INFINITY } = this.#rules.retry;
    const leftMs = this.#silenceLeftMs();
    if (leftMs > silenceMsMax / 2 || leftMs === Number.POSITIVE_INFINITY) return undefined;
    return AbortSignal.timeout(Math.max(Math.ceil(leftMs), 0));
  }
}

/** After as many failures in a row as requests may be in flight, the next will likely fail too. */
function isFailure(answer: Answer): boolean {
  return answer.verdict === 'unavailable' || (answer.verdict === 'refused' && answer.isMisdirected);
}
