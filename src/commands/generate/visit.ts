/** One visit to the shop: code that runs in simulated time and leaves spans behind. */
import { exceptionType, Fault, stackTrace } from './fault.ts';
import type { Instance, Role } from './fleet.ts';
import type { Random } from './random.ts';
import {
  type Attributes,
  type KeyValue,
  type Scope,
  type Span,
  spanFlags,
  spanKind,
  statusCode,
  toKeyValues,
} from './telemetry.ts';

/** A finished span and where it comes from. */
export interface EmittedSpan {
  readonly instance: Instance;
  readonly scope: Scope;
  readonly span: Span;
}

export interface SpanStart {
  readonly role: Role;
  readonly kind: keyof typeof spanKind;
  readonly name: string;
  readonly attributes: Attributes;
  /** To the span, of this trace or another, that caused this one. */
  readonly link?: { readonly to: OpenSpan; readonly attributes: Attributes };
}

interface Trace {
  readonly id: Uint8Array;
  readonly state: string;
}

interface DraftEvent {
  readonly atNs: number;
  readonly name: string;
  readonly attributes: readonly KeyValue[];
}

/** Of the traces, those whose sampler writes its random value into the trace state. */
const traceStateShare = 0.125;

/** How unevenly most work takes its time: one in forty takes more than twice the median. */
const defaultSigma = 0.35;

export class Visit {
  readonly random: Random;
  readonly #spans: OpenSpan[] = [];
  #nowNs = 0;
  #lastNs = 0;

  constructor(random: Random) {
    this.random = random;
  }

  get spanCount(): number {
    return this.#spans.length;
  }

  /** Nanoseconds since the visit began. */
  get nowNs(): number {
    return this.#nowNs;
  }

  /** Lets time pass, log-normally distributed around the median. */
  spend(medianMs: number, sigma = defaultSigma): void {
    this.#nowNs += 1000 + Math.round(this.random.logNormal(medianMs, sigma) * 1e6);
    this.#lastNs = Math.max(this.#lastNs, this.#nowNs);
  }

  /** Does all tasks at the same time; the first fault is thrown once the last task is done. */
  together(tasks: readonly (() => void)[]): void {
    const startNs = this.#nowNs;
    let endNs = startNs;
    let firstFault: unknown;
    for (const task of tasks) {
      this.#nowNs = startNs;
      try {
        task();
      } catch (fault) {
        firstFault ??= fault;
      }
      endNs = Math.max(endNs, this.#nowNs);
    }
    this.#nowNs = endNs;
    if (firstFault !== undefined) throw firstFault;
  }

  /** Does the task some time after now, while the present work goes on. */
  later(medianMs: number, task: () => void): void {
    const nowNs = this.#nowNs;
    this.spend(medianMs);
    task();
    this.#nowNs = nowNs;
  }

  /** Runs the first span of a new trace. */
  runRoot<Result>(instance: Instance, start: SpanStart, body: (span: OpenSpan) => Result): Result {
    const state = this.random.chance(traceStateShare) ? `ot=rv:${this.random.hex(7)}` : '';
    const trace = { id: this.random.bytes(16), state };
    return this.run(new OpenSpan(this, instance, start, trace, undefined), body);
  }

  /** Runs the body inside the span; a fault that leaves the body marks the span. */
  run<Result>(span: OpenSpan, body: (span: OpenSpan) => Result): Result {
    this.#spans.push(span);
    try {
      return body(span);
    } catch (fault) {
      if (fault instanceof Fault) span.fail(fault);
      throw fault;
    } finally {
      span.end();
    }
  }

  /** The spans with times such that the last of them ended at the given time. */
  emit(endUnixNs: bigint): EmittedSpan[] {
    const startUnixNs = endUnixNs - BigInt(this.#lastNs);
    return this.#spans.map((span) => span.emit(startUnixNs));
  }
}

export class OpenSpan {
  readonly visit: Visit;
  readonly instance: Instance;
  readonly #start: SpanStart;
  readonly #trace: Trace;
  readonly #parent: OpenSpan | undefined;
  readonly #id: Uint8Array;
  readonly #startNs: number;
  #endNs: number;
  readonly #attributes: KeyValue[];
  readonly #events: DraftEvent[] = [];
  #errorMessage: string | undefined;
  #recordedFault: Fault | undefined;

  constructor(
    visit: Visit,
    instance: Instance,
    start: SpanStart,
    trace: Trace,
    parent: OpenSpan | undefined,
  ) {
    this.visit = visit;
    this.instance = instance;
    this.#start = start;
    this.#trace = trace;
    this.#parent = parent;
    this.#id = visit.random.bytes(8);
    this.#startNs = visit.nowNs;
    this.#endNs = visit.nowNs;
    this.#attributes = toKeyValues(start.attributes);
  }

  /** Runs a child span, in this instance or in one that was called. */
  run<Result>(
    start: SpanStart,
    body: (span: OpenSpan) => Result,
    instance: Instance = this.instance,
  ): Result {
    return this.visit.run(new OpenSpan(this.visit, instance, start, this.#trace, this), body);
  }

  set(attributes: Attributes): void {
    this.#attributes.push(...toKeyValues(attributes));
  }

  addEvent(name: string, attributes: Attributes): void {
    this.#events.push({ atNs: this.visit.nowNs, name, attributes: toKeyValues(attributes) });
  }

  setError(errorType: string, message: string): void {
    this.set({ 'error.type': errorType });
    this.#errorMessage = message;
  }

  /** A fault that leaves the span: recorded once, where it first leaves a span of its service. */
  fail(fault: Fault): void {
    this.recordException(fault);
    const { language, service } = this.instance;
    this.setError(exceptionType(language, service, fault.kind), fault.message);
  }

  recordException(fault: Fault): void {
    if (this.#recordedFault === fault) return;
    const { language, service } = this.instance;
    const callers = this.#callers();
    for (const span of [this, ...callers]) span.#recordedFault = fault;
    const functions = [this, ...callers].map((span) => span.#start.name);
    this.addEvent('exception', {
      'exception.type': exceptionType(language, service, fault.kind),
      'exception.message': fault.message,
      'exception.stacktrace': stackTrace(language, service, fault, functions),
    });
  }

  end(): void {
    this.#endNs = this.visit.nowNs;
  }

  emit(startUnixNs: bigint): EmittedSpan {
    const { role, kind, name, link } = this.#start;
    const span = {
      traceId: this.#trace.id,
      spanId: this.#id,
      traceState: this.#trace.state,
      parentSpanId: this.#parent === undefined ? noSpanId : this.#parent.#id,
      flags: this.#flags(),
      name,
      kind: spanKind[kind],
      startTimeUnixNano: startUnixNs + BigInt(this.#startNs),
      endTimeUnixNano: startUnixNs + BigInt(this.#endNs),
      attributes: this.#attributes,
      events: this.#events.map(({ atNs, name, attributes }) => {
        return { timeUnixNano: startUnixNs + BigInt(atNs), name, attributes };
      }),
      links: link === undefined ? [] : [link.to.#asLink(link.attributes)],
      status: this.#status(),
    };
    return { instance: this.instance, scope: this.instance.scopes[role], span };
  }

  /** The spans around this one in the same service, innermost first. */
  #callers(): OpenSpan[] {
    const callers: OpenSpan[] = [];
    let span = this.#parent;
    for (; span !== undefined && span.instance === this.instance; span = span.#parent) {
      callers.push(span);
    }
    return callers;
  }

  #flags(): number {
    const isRemote = this.#parent !== undefined && this.#parent.instance !== this.instance;
    return spanFlags.sampled | spanFlags.remoteKnown | (isRemote ? spanFlags.remote : 0);
  }

  #status(): Span['status'] {
    if (this.#errorMessage === undefined) return unsetStatus;
    return { code: statusCode.error, message: this.#errorMessage };
  }

  #asLink(attributes: Attributes): Span['links'][number] {
    return {
      traceId: this.#trace.id,
      spanId: this.#id,
      traceState: this.#trace.state,
      attributes: toKeyValues(attributes),
      flags: spanFlags.sampled | spanFlags.remoteKnown | spanFlags.remote,
    };
  }
}

const noSpanId = new Uint8Array(0);
const unsetStatus = { code: statusCode.unset, message: '' };
