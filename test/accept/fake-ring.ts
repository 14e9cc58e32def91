/** A ring and its lane for tests: records what is published and answers it. */
import { Intake, type Publish } from '../../src/accept/intake.ts';
import type { CountRequest, ReceiverOptions } from '../../src/accept/receiver.ts';
import type { RefusedRequest } from '../../src/accept/refusal-log.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { silentJournal } from '../../src/shared/journal.ts';
import { requestType } from '../../src/shared/otlp-messages.ts';
import type { Outcome } from '../../src/shared/outcome.ts';
import { type Signal, signals } from '../../src/shared/signal.ts';

export interface Published {
  readonly signal: Signal;
  readonly receivedTimeNs: bigint;
  readonly bytes: Buffer;
}

export class FakeRing {
  readonly published: Published[] = [];
  /** `signal transport code`, one for each answered request. */
  readonly counts: string[] = [];
  /** What the receivers reported for their log. */
  readonly refusals: RefusedRequest[] = [];
  readonly intake: Intake;
  /** What publishing returns. */
  answer: ReturnType<Publish> = 'published';
  /** What a published body is settled with in the next turn; undefined leaves it to the test. */
  outcome: Outcome | undefined = 'accepted';

  constructor(inflightBytesMax = 16 * 1024 * 1024) {
    this.intake = new Intake({ publish: this.#publish, clock: systemClock, inflightBytesMax });
  }

  /** The published bodies as protobufjs reads them. */
  get requests(): unknown[] {
    return this.published.map(({ signal, bytes }) => decodeRequest(signal, bytes));
  }

  /** Empties the ring for the next test. */
  reset(): void {
    this.published.length = 0;
    this.counts.length = 0;
    this.refusals.length = 0;
    this.answer = 'published';
    this.outcome = 'accepted';
  }

  receiverOptions(changed: Partial<ReceiverOptions> = {}): ReceiverOptions {
    return {
      host: '127.0.0.1',
      port: 0,
      signals,
      requestBytesMax: 1024 * 1024,
      intake: this.intake,
      countRequest: this.#count,
      logRefusal: (request) => this.refusals.push(request),
      journal: silentJournal,
      ...changed,
    };
  }

  readonly #count: CountRequest = (signal, transport, code) => {
    this.counts.push(`${signal ?? 'unknown'} ${transport} ${code}`);
  };

  readonly #publish: Publish = (signal, receivedTimeNs, chunks, bodyBytes) => {
    if (this.answer !== 'published') return this.answer;
    const bytes = Buffer.concat(chunks);
    if (bytes.length !== bodyBytes) throw new Error('the chunks are as long as the body');
    this.published.push({ signal, receivedTimeNs, bytes });
    const { outcome } = this;
    if (outcome !== undefined) setImmediate(() => this.intake.settle(outcome));
    return 'published';
  };
}

/** With 64-bit integers as decimal text, bytes as hex and enums as numbers. */
export function decodeRequest(signal: Signal, bytes: Uint8Array): unknown {
  const type = requestType(signal);
  return type.toObject(type.decode(bytes), { longs: String, bytes: String });
}

/** An ExportTraceServiceRequest of one resource with so many spans. */
export function encodeSpans(spanCount: number): Buffer {
  const type = requestType('traces');
  const spans = Array.from({ length: spanCount }, (_, index) => ({
    traceId: Buffer.alloc(16, index + 1),
    spanId: Buffer.alloc(8, index + 1),
    name: `span ${index}`,
    kind: 2,
    startTimeUnixNano: 1_700_000_000_000,
    attributes: [{ key: 'index', value: { intValue: index } }],
  }));
  return Buffer.from(type.encode({ resourceSpans: [{ scopeSpans: [{ spans }] }] }).finish());
}

/** How the groups and items of a signal's request are called. */
export const requestNames = {
  traces: ['resourceSpans', 'scopeSpans', 'spans'],
  metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
  logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
} as const satisfies Record<Signal, readonly string[]>;

/** A small item of each signal, as OTLP/JSON. */
const items = {
  traces: { name: 'GET /', kind: 2, startTimeUnixNano: '1700000000000000001' },
  metrics: { name: 'requests', sum: { dataPoints: [{ asInt: '7' }], isMonotonic: true } },
  logs: { severityNumber: 9, body: { stringValue: 'hello' }, eventName: 'greeting' },
} as const satisfies Record<Signal, object>;

/** A request of one resource with so many items, as OTLP/JSON. */
export function jsonRequest(signal: Signal, itemCount: number): Record<string, unknown> {
  const [resourceGroups, scopeGroups, itemsName] = requestNames[signal];
  const list = Array.from({ length: itemCount }, () => items[signal]);
  return { [resourceGroups]: [{ [scopeGroups]: [{ [itemsName]: list }] }] };
}

/** The same as protobuf. */
export function encodeRequest(signal: Signal, itemCount: number): Buffer {
  const type = requestType(signal);
  return Buffer.from(type.encode(type.fromObject(jsonRequest(signal, itemCount))).finish());
}
