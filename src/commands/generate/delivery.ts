/** Sends the traffic at its rate, tries again where that may help, and counts what became of it. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../shared/clock.ts';
import type { Answer } from './sender.ts';
import type { TraceRequest } from './telemetry.ts';
import type { Traffic, TrafficRequest } from './traffic.ts';

export interface DeliveryPlan {
  /** Spans per second; 0 is as fast as they are accepted. */
  readonly rate: number;
  readonly durationMs: number;
  readonly spansTotal: number;
  readonly spansPerRequest: number;
  /** Requests under way at the same time. */
  readonly concurrency: number;
}

export interface DeliveryPorts {
  readonly clock: Clock;
  /** Resolves early when the signal is aborted. */
  readonly sleep: (ms: number, stop: AbortSignal) => Promise<void>;
  readonly encode: (message: TraceRequest) => Uint8Array;
  readonly send: (body: Uint8Array) => Promise<Answer>;
  /** From 0 up to 1; spreads the retries of many senders. */
  readonly fraction: () => number;
  readonly progress: (tally: Tally, elapsedMs: number) => void;
}

/** Spans, unless it says something else. */
export interface Tally {
  acknowledged: number;
  /** Refused for good, or by a partial success. */
  rejected: number;
  /** Never answered, or only asked to try again. */
  failed: number;
  requests: number;
  retries: number;
  seconds: number;
  /** What the last answer said that was no plain success. */
  lastProblem: string | undefined;
  /** Whether it ended early because nobody answered any more. */
  gaveUp: boolean;
}

/** A restart takes seconds: five tries after the first one span six of them. */
const retryBackoffMs = [200, 400, 800, 1_600, 3_200];

/** A server that asks for more patience than this gets the request back after this. */
const retryAfterMsMax = 30_000;

export async function deliver(
  traffic: Traffic,
  plan: DeliveryPlan,
  ports: DeliveryPorts,
  stop: AbortSignal,
): Promise<Tally> {
  const delivery = new Delivery(traffic, plan, ports, stop);
  return delivery.run();
}

/** Does nothing for a while; an aborted signal ends it early. */
export async function sleep(ms: number, stop: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal: stop });
  } catch (error) {
    if (!stop.aborted) throw error;
  }
}

class Delivery {
  readonly #traffic: Traffic;
  readonly #plan: DeliveryPlan;
  readonly #ports: DeliveryPorts;
  readonly #stop: AbortSignal;
  readonly #startMs: number;
  readonly #underWay = new Set<Promise<void>>();
  readonly #tally: Tally = {
    acknowledged: 0,
    rejected: 0,
    failed: 0,
    requests: 0,
    retries: 0,
    seconds: 0,
    lastProblem: undefined,
    gaveUp: false,
  };
  #failedInARow = 0;

  constructor(traffic: Traffic, plan: DeliveryPlan, ports: DeliveryPorts, stop: AbortSignal) {
    this.#traffic = traffic;
    this.#plan = plan;
    this.#ports = ports;
    this.#stop = stop;
    this.#startMs = ports.clock.monotonicMs();
  }

  async run(): Promise<Tally> {
    const { concurrency } = this.#plan;
    const { clock } = this.#ports;
    let sentCount = 0;
    while (await this.#mayGoOn(sentCount)) {
      const request = this.#traffic.next(clock.unixNs());
      if (request === undefined) break;
      sentCount += request.spanCount;
      const task = this.#deliver(request).finally(() => this.#underWay.delete(task));
      this.#underWay.add(task);
      if (this.#underWay.size >= concurrency) await Promise.race(this.#underWay);
    }
    await Promise.all(this.#underWay);
    this.#tally.seconds = this.#elapsedMs() / 1000;
    return this.#tally;
  }

  /** Waits until the next request is due; false where there is to be none. */
  async #mayGoOn(sentCount: number): Promise<boolean> {
    const { rate, durationMs, spansTotal, spansPerRequest } = this.#plan;
    if (rate === 0) {
      if (this.#elapsedMs() >= durationMs) this.#traffic.close();
    } else {
      const dueCount = Math.min(sentCount + spansPerRequest, spansTotal);
      const waitMs = (dueCount / rate) * 1000 - this.#elapsedMs();
      if (waitMs > 0) await this.#ports.sleep(waitMs, this.#stop);
    }
    return !this.#stop.aborted && !this.#tally.gaveUp;
  }

  async #deliver({ message, spanCount }: TrafficRequest): Promise<void> {
    const answer = await this.#sendUntilAnswered(this.#ports.encode(message));
    this.#count(answer, spanCount);
    this.#ports.progress(this.#tally, this.#elapsedMs());
  }

  async #sendUntilAnswered(body: Uint8Array): Promise<Answer> {
    const { send, sleep, fraction } = this.#ports;
    for (const backoffMs of retryBackoffMs) {
      const answer = await send(body);
      if (answer.verdict !== 'unavailable') return answer;
      const askedMs = Math.min(answer.retryAfterMs, retryAfterMsMax);
      await sleep(Math.max(askedMs, backoffMs * (0.5 + fraction())), this.#stop);
      if (this.#stop.aborted) return answer;
      this.#tally.retries++;
    }
    return send(body);
  }

  #count(answer: Answer, spanCount: number): void {
    const tally = this.#tally;
    tally.requests++;
    if (answer.message !== '') tally.lastProblem = answer.message;
    if (answer.verdict === 'unavailable') {
      tally.failed += spanCount;
      this.#failedInARow++;
      tally.gaveUp = this.#failedInARow >= this.#plan.concurrency;
      return;
    }
    this.#failedInARow = 0;
    const rejectedCount = answer.verdict === 'refused' ? spanCount : answer.rejectedSpans;
    const rejected = Math.min(Math.max(rejectedCount, 0), spanCount);
    tally.rejected += rejected;
    tally.acknowledged += spanCount - rejected;
  }

  #elapsedMs(): number {
    return this.#ports.clock.monotonicMs() - this.#startMs;
  }
}
