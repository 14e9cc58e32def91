/**
 * Delivers the requests of the log to one destination, each until it has a final answer.
 *
 *     source ──> one of `concurrency` slots ──> breaker, rate ──> send ──> delivered, dropped
 *                                                   ^              │
 *                                                   └── backoff <──┘ retry
 *
 * 1. The cursor begins a request before it is sent and ends it after its final answer. After a
 *    kill, only requests that were in flight or were answered since the cursor was saved are sent
 *    again.
 * 2. The recording path never waits for a forwarder.
 */
import { setMaxListeners } from 'node:events';
import { type Answer, noAnswer } from '../client/answer.ts';
import { backoffMs } from '../client/backoff.ts';
import type { Clock } from '../shared/clock.ts';
import type { Journal, JournalLevel } from '../shared/journal.ts';
import type { Signal } from '../shared/signal.ts';
import type { BreakerName } from './circuit-breaker.ts';
import type { Cursor } from './cursor.ts';
import { type CursorPort, CursorSaver } from './cursor-saver.ts';
import type { ForwardRules } from './forward-rules.ts';
import type { ForwardCounts, ForwardStatus } from './forward-status.ts';
import { Gate } from './gate.ts';
import { InFlight } from './in-flight.ts';
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
import { Warnings } from './warnings.ts';

/** The pause between reads of an idle log. It delays a request by half of it on average. */
const idleMs = 50;

/** The pause after a failed read of the log or the archive. */
const readRetryMs = 1_000;

export interface ForwarderOptions {
  readonly rules: ForwardRules;
  /** Converts a request to the destination's protocol. Throws if that is not possible. */
  readonly convert: (signal: Signal, bytes: Uint8Array) => Uint8Array;
  /** Resolves when the client can send; early if the signal is aborted. */
  readonly ready: (stop: AbortSignal) => Promise<void>;
  /** Resolves with a retryable answer if the signal is aborted. */
  readonly send: (signal: Signal, body: Uint8Array, stop: AbortSignal) => Promise<Answer>;
  readonly log: LogPort;
  readonly archive: ArchivePort;
  readonly cursor: Cursor;
  readonly cursorFile: CursorPort;
  readonly clock: Clock;
  readonly journal: Journal;
  /** Resolves early if the signal is aborted. */
  readonly sleep: (ms: number, stop: AbortSignal) => Promise<void>;
  /** Returns a random number from 0 up to, but not including, 1. */
  readonly fraction: () => number;
}

export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #gate: Gate;
  readonly #lost: LostRequests;
  readonly #saver: CursorSaver;
  readonly #inFlight: InFlight;
  readonly #lag: Lag;
  readonly #warnings: Warnings;
  readonly #keepTrace: KeepTrace | undefined;
  readonly #stopping = new AbortController();
  readonly #aborting = new AbortController();
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
    const onChange = (from: BreakerName, to: BreakerName) => this.#logBreaker(from, to);
    // Each request in flight has a listener. Node would report more than ten as a leak.
    setMaxListeners(0, this.#stopping.signal, this.#aborting.signal);
    this.#warnings = new Warnings(journal, clock);
    this.#keepTrace = samplingRatio < 1 ? traceSampling(samplingRatio) : undefined;
    this.#gate = new Gate({ breaker, rateLimit, clock, sleep, onChange });
    this.#inFlight = new InFlight(concurrency);
    this.#lag = new Lag({ cursor, signals: rules.signals, clock, inFlight: this.#inFlight });
    this.#lost = new LostRequests({
      cursor,
      oldestPosition: () => log.oldestPosition(),
      onLost: (requests) => {
        this.#counts.lost += requests;
        this.#warn('retention deleted requests before they were sent', { requests });
      },
    });
    const onFault = (reason: string) => this.#warn('the cursor cannot be saved', { reason });
    this.#saver = new CursorSaver({ cursor, file: cursorFile, clock, onFault });
  }

  /** Saves the cursor, then begins to deliver. A disk that fails is reported, not thrown. */
  start(): void {
    this.#saver.save();
    this.#running ??= this.#run();
  }

  /**
   * Begins no more requests. Requests in flight have `graceMs` to end; then they are aborted and
   * stay pending for the next start.
   */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    const timer = setTimeout(() => this.#aborting.abort(), graceMs);
    await this.#running;
    await this.#inFlight.waitForEnd();
    clearTimeout(timer);
    this.#closeLog();
    this.#saver.save();
  }

  /** Call this regularly, so that the cursor is saved even while a destination hangs. */
  saveIfDue(): void {
    this.#saver.saveIfDue();
  }

  /** Call this when a segment was deleted, with the positions of its requests, ascending. */
  onSegmentDeleted(signal: Signal, positions: readonly number[]): void {
    if (this.#options.rules.signals.includes(signal))
      this.#lost.onSegmentDeleted(signal, positions);
  }

  status(): ForwardStatus {
    const { rules, cursor, log } = this.#options;
    return {
      name: rules.name,
      ...this.#counts,
      nextPosition: cursor.nextPosition(rules.signals),
      ...this.#lag.at(log.progress().next),
      breaker: this.#gate.breaker,
      lastError: this.#lastError,
      lastSuccessMs: this.#lastSuccessMs,
    };
  }

  /** After a failed read it waits and tries again, so that no request is skipped. */
  async #run(): Promise<void> {
    const stop = this.#stopping.signal;
    while (!stop.aborted) {
      try {
        await this.#forward();
      } catch (error) {
        this.#lastError = (error as Error).message;
        this.#warn('requests cannot be read: tried again every second', {
          reason: this.#lastError,
        });
        this.#closeLog();
        await this.#options.sleep(readRetryMs, stop);
      }
    }
  }

  async #forward(): Promise<void> {
    const { rules, cursor, log, archive, sleep } = this.#options;
    const stop = this.#stopping.signal;
    const idle = async () => {
      if (log.progress().next <= cursor.nextPosition(rules.signals)) this.#lag.onProgress();
      this.#saver.saveIfDue();
      await sleep(idleMs, stop);
    };
    const source = { cursor, signals: rules.signals, log, archive, lost: this.#lost, idle };
    for await (const request of sourceRequests(source, stop)) {
      const { signal, position, receivedTimeNs, bytes } = request;
      this.#lost.onBegin(signal, position);
      cursor.begin(signal, position);
      this.#lag.onRead(bytes.byteLength);
      this.#inFlight.add(this.#deliver(request), { receivedTimeNs, bytes: bytes.byteLength });
      await this.#inFlight.waitForRoom();
      this.#saver.saveIfDue();
    }
  }

  /** Resolves at the final answer, or at a stop, when the request stays pending. Never rejects. */
  async #deliver(request: SourcedRequest): Promise<void> {
    const body = this.#prepare(request);
    if (body === undefined) return;
    const { rules, sleep, fraction } = this.#options;
    await this.#options.ready(this.#stopping.signal);
    for (let attempt = 1; ; attempt++) {
      const period = await this.#gate.pass(this.#stopping.signal);
      if (period === undefined) return;
      const answer = await this.#send(request.signal, body);
      if (this.#aborting.signal.aborted && answer.verdict === 'unavailable') return;
      if (answer.verdict !== 'accepted') this.#lastError = answer.message;
      this.#gate.recordResult(period, provesHealth(answer));
      if (answer.verdict !== 'unavailable') {
        this.#finish(request, answer);
        return;
      }
      this.#counts.retried += 1;
      const delayMs = backoffMs(attempt, rules.retry, fraction(), answer.retryAfterMs);
      await sleep(delayMs, this.#stopping.signal);
    }
  }

  /** Returns what is sent; undefined if nothing is, which ends the request in the cursor. */
  #prepare(request: SourcedRequest): Uint8Array | undefined {
    const { signal, position } = request;
    try {
      const bytes = this.#sample(request);
      if (bytes !== undefined) return this.#options.convert(signal, bytes);
      this.#counts.sampledOut += 1;
    } catch (error) {
      this.#counts.dropped += 1;
      const reason = (error as Error).message;
      this.#warn('a request cannot be converted and is dropped', { signal, position, reason });
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
      return await this.#options.send(signal, body, this.#aborting.signal);
    } catch (error) {
      return noAnswer(error);
    }
  }

  #finish(request: SourcedRequest, answer: Exclude<Answer, { verdict: 'unavailable' }>): void {
    const { signal, position } = request;
    this.#options.cursor.end(signal, position);
    this.#lag.onProgress();
    if (answer.verdict === 'refused') {
      this.#counts.dropped += 1;
      const { message: reason } = answer;
      this.#warn('the destination refused a request: dropped', { signal, position, reason });
      return;
    }
    this.#counts.delivered += 1;
    this.#lastSuccessMs = this.#options.clock.unixMs();
    if (answer.rejectedItems === 0 && answer.message === '') return;
    this.#counts.partial += 1;
    const { rejectedItems: rejected_items, message } = answer;
    this.#warn('the destination accepted a request in part', { rejected_items, message });
  }

  #logBreaker(from: BreakerName, to: BreakerName): void {
    const { lagRequests, lagBytes, lagSeconds } = this.status();
    const fields = {
      error: this.#lastError ?? null,
      lag_requests: lagRequests,
      lag_bytes: lagBytes,
      lag_seconds: Math.round(lagSeconds),
    };
    if (to === 'open') this.#warn('the circuit breaker is open: sending is paused', fields);
    if (to === 'closed') this.#warn('the circuit breaker is closed again', fields, 'info');
    if (to === 'half_open') this.#options.journal.write('debug', this.#line(`${from} -> ${to}`));
  }

  #warn(
    event: string,
    fields: Readonly<Record<string, string | number | null>>,
    level: JournalLevel = 'warn',
  ): void {
    this.#warnings.write(this.#line(event), fields, level);
  }

  #line(event: string): string {
    return `forwarding ${this.#options.rules.name}: ${event}`;
  }

  /** A log that cannot be closed is not used again, so the fault is only reported. */
  #closeLog(): void {
    try {
      this.#options.log.close();
    } catch (error) {
      this.#warn('the log cannot be closed', { reason: (error as Error).message });
    }
  }
}

/** True if the destination works: it accepted the request, or refused it for its content. */
function provesHealth(answer: Answer): boolean {
  return answer.verdict === 'accepted' || (answer.verdict === 'refused' && !answer.isMisdirected);
}
