/**
 * Brings the requests of the log to one destination, each until it has a final answer.
 *
 *     source ──> a free place among `concurrency` ──> breaker, rate ──> send ──> delivered, dropped
 *                                                           ^            │
 *                                                           └── wait <── again
 *
 * 1. A request is begun in the cursor before it is sent and ended after its final answer: what was
 *    under way when the recorder died is sent again, and what was answered since the cursor was
 *    saved, and nothing else.
 * 2. It reads and waits; nothing of the recording path ever waits for it.
 */
import { setMaxListeners } from 'node:events';
import { type Answer, noAnswer } from '../client/answer.ts';
import { backoffMs } from '../client/backoff.ts';
import type { Clock } from '../shared/clock.ts';
import type { Journal, JournalLevel } from '../shared/journal.ts';
import type { Signal } from '../shared/signal.ts';
import type { Cursor } from './cursor.ts';
import { type CursorPort, CursorSaver } from './cursor-saver.ts';
import type { ForwardCounts, ForwardRules, ForwardStatus } from './forward-status.ts';
import { Gate } from './gate.ts';
import { Lag } from './lag.ts';
import { LostRequests } from './lost-requests.ts';
import {
  type ArchivePort,
  type LogPort,
  type SourcedRequest,
  sourceRequests,
} from './request-source.ts';
import { sampleRequest } from './sampled-request.ts';
import { type KeepTrace, traceSampling } from './trace-sampling.ts';
import { UnderWay } from './under-way.ts';
import { Warnings } from './warnings.ts';

/** The log is looked at so often while nothing comes; an answer is later by half of it. */
const idleMs = 50;

/** A disk that fails to give the log or the archive is asked again so often. */
const readAgainMs = 1_000;

export interface ForwarderOptions {
  readonly rules: ForwardRules;
  /** The request as the destination's protocol has it; throws where that cannot be. */
  readonly encode: (signal: Signal, bytes: Uint8Array) => Uint8Array;
  /** Resolves once something can be sent; early when the signal is aborted. */
  readonly ready: (stop: AbortSignal) => Promise<void>;
  /** An abort ends it with an answer that may be tried again. */
  readonly send: (signal: Signal, body: Uint8Array, stop: AbortSignal) => Promise<Answer>;
  readonly log: LogPort;
  readonly archive: ArchivePort;
  readonly cursor: Cursor;
  readonly cursorFile: CursorPort;
  readonly clock: Clock;
  readonly journal: Journal;
  /** Resolves early when the signal is aborted. */
  readonly sleep: (ms: number, stop: AbortSignal) => Promise<void>;
  /** From 0 up to 1. */
  readonly fraction: () => number;
}

export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #gate: Gate;
  readonly #lost: LostRequests;
  readonly #saver: CursorSaver;
  readonly #underWay: UnderWay;
  readonly #lag: Lag;
  readonly #warnings: Warnings;
  readonly #keepTrace: KeepTrace | undefined;
  readonly #stopping = new AbortController();
  readonly #cutting = new AbortController();
  readonly #counts: ForwardCounts = {
    ...{ delivered: 0, dropped: 0, retried: 0, partial: 0, lost: 0 },
    ...{ sampledOut: 0, sampledOutItems: 0 },
  };
  #lastError: string | undefined;
  #lastSuccessMs: number | undefined;
  #running: Promise<void> | undefined;

  constructor(options: ForwarderOptions) {
    this.#options = options;
    const { rules, clock, journal, sleep, cursor, cursorFile, log } = options;
    const { breaker, rateLimit, samplingRatio, concurrency } = rules;
    const onChange = (from: string, to: string) => this.#sayBreaker(from, to);
    // Each request under way listens to them: Node warns of more than ten, as of a leak.
    setMaxListeners(0, this.#stopping.signal, this.#cutting.signal);
    this.#warnings = new Warnings(journal, clock);
    this.#keepTrace = samplingRatio < 1 ? traceSampling(samplingRatio) : undefined;
    this.#gate = new Gate({ breaker, rateLimit, clock, sleep, onChange });
    this.#underWay = new UnderWay(concurrency);
    this.#lag = new Lag({ cursor, signals: rules.signals, clock, underWay: this.#underWay });
    this.#lost = new LostRequests({
      cursor,
      oldestPosition: () => log.oldestPosition(),
      onLost: (requests) => {
        this.#counts.lost += requests;
        this.#warn('it had not got requests that retention has deleted', { requests });
      },
    });
    const onFault = (reason: string) => this.#warn('its cursor cannot be written', { reason });
    this.#saver = new CursorSaver({ cursor, file: cursorFile, clock, onFault });
  }

  /** The place where it begins is durable when this returns, unless the disk does not take it. */
  start(): void {
    this.#saver.save();
    this.#running ??= this.#run();
  }

  /**
   * Takes nothing new; what is under way has so long to end, and is left to the next start then.
   */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    const cut = setTimeout(() => this.#cutting.abort(), graceMs);
    await this.#running;
    await this.#underWay.ended();
    clearTimeout(cut);
    this.#closeLog();
    this.#saver.save();
  }

  /** To be called now and then: it writes its cursor also while a destination hangs. */
  saveIfDue(): void {
    this.#saver.saveIfDue();
  }

  /** A segment with these requests, ascending, has been deleted. */
  left(signal: Signal, positions: readonly number[]): void {
    if (this.#options.rules.signals.includes(signal)) this.#lost.left(signal, positions);
  }

  status(): ForwardStatus {
    const { rules, cursor, log } = this.#options;
    return {
      name: rules.name,
      ...this.#counts,
      nextPosition: cursor.nextPosition(rules.signals),
      ...this.#lag.at(log.progress().next),
      breaker: this.#gate.state,
      lastError: this.#lastError,
      lastSuccessMs: this.#lastSuccessMs,
    };
  }

  /** What cannot be read now is read later: until then the destination waits. */
  async #run(): Promise<void> {
    const stop = this.#stopping.signal;
    while (!stop.aborted) {
      try {
        await this.#forward();
      } catch (error) {
        this.#lastError = (error as Error).message;
        this.#warn('requests cannot be read now', { reason: this.#lastError });
        this.#closeLog();
        await this.#options.sleep(readAgainMs, stop);
      }
    }
  }

  async #forward(): Promise<void> {
    const { rules, cursor, log, archive, sleep } = this.#options;
    const stop = this.#stopping.signal;
    const idle = async () => {
      if (log.progress().next <= cursor.nextPosition(rules.signals)) this.#lag.moved();
      this.#saver.saveIfDue();
      await sleep(idleMs, stop);
    };
    const source = { cursor, signals: rules.signals, log, archive, lost: this.#lost, idle };
    for await (const request of sourceRequests(source, stop)) {
      const { signal, position, receivedTimeNs, bytes } = request;
      this.#lost.begun(signal, position);
      cursor.begin(signal, position);
      this.#lag.read(bytes.byteLength);
      this.#underWay.add(this.#deliver(request), { receivedTimeNs, bytes: bytes.byteLength });
      await this.#underWay.room();
      this.#saver.saveIfDue();
    }
  }

  /** Never rejects; resolves with the final answer, or when it is stopped and stays pending. */
  async #deliver(request: SourcedRequest): Promise<void> {
    const body = this.#prepare(request);
    if (body === undefined) return;
    const { rules, sleep, fraction } = this.#options;
    await this.#options.ready(this.#stopping.signal);
    for (let attempt = 1; ; attempt++) {
      const period = await this.#gate.pass(this.#stopping.signal);
      if (period === undefined) return;
      const answer = await this.#send(request.signal, body);
      if (this.#cutting.signal.aborted && answer.verdict === 'unavailable') return;
      if (answer.verdict !== 'accepted') this.#lastError = answer.message;
      this.#gate.tell(period, isWell(answer));
      if (answer.verdict !== 'unavailable') {
        this.#finish(request, answer);
        return;
      }
      this.#counts.retried += 1;
      const delayMs = backoffMs(attempt, rules.retry, fraction(), answer.retryAfterMs);
      await sleep(delayMs, this.#stopping.signal);
    }
  }

  /** Undefined when nothing is to be sent: that is its end. */
  #prepare(request: SourcedRequest): Uint8Array | undefined {
    const { signal, position } = request;
    try {
      const bytes = this.#sample(request);
      if (bytes !== undefined) return this.#options.encode(signal, bytes);
      this.#counts.sampledOut += 1;
    } catch (error) {
      this.#counts.dropped += 1;
      const reason = (error as Error).message;
      this.#warn('a request has no form for it, and is dropped', { signal, position, reason });
    }
    this.#options.cursor.end(signal, position);
    return undefined;
  }

  #sample({ signal, bytes }: SourcedRequest): Uint8Array | undefined {
    if (this.#keepTrace === undefined) return bytes;
    const sampled = sampleRequest(signal, bytes, this.#keepTrace);
    this.#counts.sampledOutItems += sampled.droppedCount;
    return sampled.bytes;
  }

  async #send(signal: Signal, body: Uint8Array): Promise<Answer> {
    try {
      return await this.#options.send(signal, body, this.#cutting.signal);
    } catch (error) {
      return noAnswer(error);
    }
  }

  #finish(request: SourcedRequest, answer: Exclude<Answer, { verdict: 'unavailable' }>): void {
    const { signal, position } = request;
    this.#options.cursor.end(signal, position);
    this.#lag.moved();
    if (answer.verdict === 'refused') {
      this.#counts.dropped += 1;
      const { message: reason } = answer;
      this.#warn('it refused a request for good, which is dropped', { signal, position, reason });
      return;
    }
    this.#counts.delivered += 1;
    this.#lastSuccessMs = this.#options.clock.unixMs();
    if (answer.rejectedItems === 0 && answer.message === '') return;
    this.#counts.partial += 1;
    const { rejectedItems: rejected_items, message } = answer;
    this.#warn('it took a request in part, which is not sent again', { rejected_items, message });
  }

  #sayBreaker(from: string, to: string): void {
    const { lagRequests, lagBytes, lagSeconds } = this.status();
    const fields = {
      error: this.#lastError ?? null,
      lag_requests: lagRequests,
      lag_bytes: lagBytes,
      lag_seconds: Math.round(lagSeconds),
    };
    if (to === 'open') this.#warn('its breaker is open: it is left alone for a while', fields);
    if (to === 'closed') this.#warn('its breaker is closed again', fields, 'info');
    if (to === 'half_open') this.#options.journal.write('debug', this.#line(`${from} -> ${to}`));
  }

  #warn(
    what: string,
    fields: Readonly<Record<string, string | number | null>>,
    level: JournalLevel = 'warn',
  ): void {
    this.#warnings.write(this.#line(what), fields, level);
  }

  #line(what: string): string {
    return `forwarding ${this.#options.rules.name}: ${what}`;
  }

  /** What cannot be closed is not used again either. */
  #closeLog(): void {
    try {
      this.#options.log.close();
    } catch (error) {
      this.#warn('the log cannot be closed', { reason: (error as Error).message });
    }
  }
}

/** A refusal that is the request's own fault says that the destination works. */
function isWell(answer: Answer): boolean {
  return answer.verdict === 'accepted' || (answer.verdict === 'refused' && !answer.isMisdirected);
}
