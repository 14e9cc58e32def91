/**
 * Brings the requests of the log to one destination, each until it has a final answer.
 *
 *     source ──> a free place among `concurrency` ──> breaker, rate ──> send ──> delivered, dropped
 *                                                           ^            │
 *                                                           └── wait <── again
 *
 * 1. A request is begun in the cursor before it is sent and ended after its final answer: what was
 *    under way when the recorder died is sent again, and nothing else.
 * 2. It reads and waits; nothing of the recording path ever waits for it.
 */
import type { Clock } from '../shared/clock.ts';
import type { Journal } from '../shared/journal.ts';
import type { Signal } from '../shared/signal.ts';
import type { Answer } from './answer.ts';
import { type BackoffLimits, backoffMs } from './backoff.ts';
import type { BreakerLimits, BreakerState } from './circuit-breaker.ts';
import type { Cursor } from './cursor.ts';
import { Gate } from './gate.ts';
import { LostRequests } from './lost-requests.ts';
import {
  type ArchivePort,
  type LogPort,
  type SourcedRequest,
  sourceRequests,
} from './request-source.ts';
import { sampleRequest } from './sampled-request.ts';
import { traceSampling } from './trace-sampling.ts';
import { Warnings } from './warnings.ts';

/** A cursor is written so often at most; a kill then repeats what was answered since. */
const saveMs = 1_000;

/** The log is looked at so often while nothing comes; an answer is later by half of it. */
const idleMs = 50;

export interface ForwardRules {
  readonly name: string;
  readonly signals: readonly Signal[];
  /** Share of the traces that are sent. */
  readonly samplingRatio: number;
  readonly concurrency: number;
  /** Requests a second; 0 is no limit. */
  readonly rateLimit: number;
  readonly retry: BackoffLimits;
  readonly breaker: BreakerLimits;
}

export interface ForwarderOptions {
  readonly rules: ForwardRules;
  /** Never rejects; an abort ends it with an answer that may be tried again. */
  readonly send: (signal: Signal, bytes: Uint8Array, stop: AbortSignal) => Promise<Answer>;
  readonly log: LogPort;
  readonly archive: ArchivePort;
  readonly cursor: Cursor;
  /** Makes the cursor durable. */
  readonly saveCursor: (text: string) => void;
  readonly clock: Clock;
  readonly journal: Journal;
  /** Resolves early when the signal is aborted. */
  readonly sleep: (ms: number, stop: AbortSignal) => Promise<void>;
  /** From 0 up to 1. */
  readonly fraction: () => number;
}

/** Counts of requests since the start, and how things stand. */
export interface ForwardStatus {
  readonly name: string;
  readonly delivered: number;
  readonly dropped: number;
  readonly retried: number;
  /** Requests of which sampling has left nothing. */
  readonly sampledOut: number;
  readonly partial: number;
  /** Requests that retention deleted before they could be sent. */
  readonly lost: number;
  /** The lowest position without a final answer. */
  readonly nextPosition: number;
  /** When the oldest request came that is under way; undefined where none is. */
  readonly oldestReceivedTimeNs: bigint | undefined;
  readonly breaker: BreakerState['kind'];
  readonly lastError: string | undefined;
  readonly lastSuccessMs: number | undefined;
}

export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #gate: Gate;
  readonly #lost: LostRequests;
  readonly #warnings: Warnings;
  readonly #stopping = new AbortController();
  readonly #cutting = new AbortController();
  readonly #underWay = new Map<Promise<void>, bigint>();
  readonly #counts = { delivered: 0, dropped: 0, retried: 0, sampledOut: 0, partial: 0, lost: 0 };
  #savedText: string;
  #savedMs = 0;
  #lastError: string | undefined;
  #lastSuccessMs: number | undefined;
  #running: Promise<void> | undefined;
  constructor(options: ForwarderOptions) {
    this.#options = options;
    const { rules, clock, sleep, cursor, log } = options;
    const { breaker, rateLimit } = rules;
    const onChange = (from: string, to: string) => this.#sayBreaker(from, to);
    this.#gate = new Gate({ breaker, rateLimit, clock, sleep, onChange });
    this.#lost = new LostRequests({
      isWanted: (signal, position) => cursor.isWanted(signal, position),
      oldestPosition: () => log.oldestPosition(),
      onLost: (requests) => {
        this.#counts.lost += requests;
        this.#warn('had not got requests that retention has deleted', { requests });
      },
    });
    this.#warnings = new Warnings(options.journal, options.clock);
    this.#savedText = options.cursor.toText();
  }

  start(): void {
    this.#running ??= this.#run().catch((error: Error) => {
      this.#lastError = error.message;
      this.#say('error', `forwarding stopped: ${error.message}`);
    });
  }

  /**
   * Takes nothing new; what is under way has so long to end, and is left to the next start then.
   */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    const cut = setTimeout(() => this.#cutting.abort(), graceMs);
    await this.#running;
    await Promise.all(this.#underWay.keys());
    clearTimeout(cut);
    this.#options.log.close();
    this.#save();
  }

  /** A segment with these requests is about to be deleted. */
  leaving(signal: Signal, positions: Iterable<number>): void {
    if (this.#options.rules.signals.includes(signal)) this.#lost.leaving(signal, positions);
  }

  status(): ForwardStatus {
    const { rules, cursor } = this.#options;
    const times = [...this.#underWay.values()];
    return {
      name: rules.name,
      ...this.#counts,
      nextPosition: cursor.nextPosition(rules.signals),
      oldestReceivedTimeNs: times.reduce<bigint | undefined>(earlier, undefined),
      breaker: this.#gate.state,
      lastError: this.#lastError,
      lastSuccessMs: this.#lastSuccessMs,
    };
  }

  async #run(): Promise<void> {
    const { rules, cursor, log, archive, sleep } = this.#options;
    const stop = this.#stopping.signal;
    const idle = async () => {
      this.#saveIfDue();
      await sleep(idleMs, stop);
    };
    const onOvertaken = (signal: Signal, through: number) => this.#lost.overtaken(signal, through);
    const source = { cursor, signals: rules.signals, log, archive, idle, onOvertaken };
    for await (const request of sourceRequests(source, stop)) {
      cursor.begin(request.signal, request.position);
      const delivery: Promise<void> = this.#deliver(request)
        .catch((error: Error) => this.#drop(request, error.message))
        .finally(() => this.#underWay.delete(delivery));
      this.#underWay.set(delivery, request.receivedTimeNs);
      while (this.#underWay.size >= rules.concurrency) await Promise.race(this.#underWay.keys());
      this.#saveIfDue();
    }
  }

  /** Returns once the request has its final answer, or when it is stopped and stays pending. */
  async #deliver(request: SourcedRequest): Promise<void> {
    const { send, rules, sleep } = this.#options;
    const bytes = this.#sample(request);
    if (bytes === undefined) {
      this.#counts.sampledOut += 1;
      this.#options.cursor.end(request.signal, request.position);
      return;
    }
    for (let attempt = 1; ; attempt++) {
      const period = await this.#gate.pass(this.#stopping.signal);
      if (period === undefined) return;
      const answer = await send(request.signal, bytes, this.#cutting.signal);
      if (this.#cutting.signal.aborted && answer.verdict === 'unavailable') return;
      this.#gate.tell(period, isWell(answer));
      if (answer.verdict !== 'unavailable') {
        this.#finish(request, answer);
        return;
      }
      this.#lastError = answer.message;
      this.#counts.retried += 1;
      const delayMs = backoffMs(
        attempt,
        rules.retry,
        this.#options.fraction(),
        answer.retryAfterMs,
      );
      await sleep(delayMs, this.#stopping.signal);
    }
  }

  #sample({ signal, bytes }: SourcedRequest): Uint8Array | undefined {
    const { samplingRatio } = this.#options.rules;
    if (samplingRatio >= 1) return bytes;
    return sampleRequest(signal, bytes, traceSampling(samplingRatio)).bytes;
  }

  #sayBreaker(from: string, to: string): void {
    const level = to === 'open' ? 'warn' : 'info';
    this.#say(level, `breaker ${from} -> ${to}`, { error: this.#lastError ?? null });
  }

  #finish(request: SourcedRequest, answer: Exclude<Answer, { verdict: 'unavailable' }>): void {
    if (answer.verdict === 'refused') {
      this.#drop(request, answer.message);
      return;
    }
    this.#counts.delivered += 1;
    this.#lastSuccessMs = this.#options.clock.unixMs();
    this.#options.cursor.end(request.signal, request.position);
    if (answer.rejectedItems === 0 && answer.message === '') return;
    this.#counts.partial += 1;
    const { rejectedItems: rejected_items, message } = answer;
    this.#warn('took a request in part, which is not sent again', { rejected_items, message });
  }

  #drop({ signal, position }: SourcedRequest, reason: string): void {
    this.#counts.dropped += 1;
    this.#lastError = reason;
    this.#options.cursor.end(signal, position);
    this.#warn('refused a request for good, which is dropped', { signal, position, reason });
  }

  #warn(what: string, fields: Readonly<Record<string, string | number>>): void {
    this.#warnings.write(`forwarding ${this.#options.rules.name}: it ${what}`, fields);
  }

  #say(level: 'info' | 'warn' | 'error', what: string, fields = {}): void {
    const { journal, rules } = this.#options;
    journal.write(level, `forwarding ${rules.name}: ${what}`, fields);
  }

  #saveIfDue(): void {
    if (this.#options.clock.monotonicMs() - this.#savedMs >= saveMs) this.#save();
  }

  /** A disk that is full keeps the old cursor: then more is repeated after a kill. */
  #save(): void {
    const { cursor, saveCursor, clock } = this.#options;
    this.#savedMs = clock.monotonicMs();
    const text = cursor.toText();
    if (text === this.#savedText) return;
    try {
      saveCursor(text);
      this.#savedText = text;
    } catch (error) {
      this.#warn('its cursor cannot be written', { reason: (error as Error).message });
    }
  }
}

function earlier(a: bigint | undefined, b: bigint): bigint {
  return a === undefined || b < a ? b : a;
}

/** A refusal that is the request's own fault says that the destination works. */
function isWell(answer: Answer): boolean {
  return answer.verdict === 'accepted' || (answer.verdict === 'refused' && !answer.isMisdirected);
}
