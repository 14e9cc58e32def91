/** One visit to the shop: walks the operations in simulated time and leaves spans behind. */
import type { Random } from '../../shared/random.ts';
import type { Fleet, Instance } from './fleet.ts';
import { type Attributes, fill, type Item, toKeyValues, type Value } from './message.ts';
import { type Fault, facts, type Operation, operations, protocols, type SpanKind } from './shop.ts';

/** A span; its times are nanoseconds since the visit began. */
export interface Span {
  readonly name: string;
  readonly operation: Operation;
  readonly kind: SpanKind;
  readonly instance: Instance;
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  /** The parent; for a consumer the producer, which is in another trace. */
  readonly caller: Span | undefined;
  readonly attributes: Record<string, Value>;
  readonly startNs: number;
  endNs: number;
  /** The fault that ended the operation: its own, or that of an operation that it called. */
  fault: Fault | undefined;
  isOwnFault: boolean;
  /** What tables know it by: protocol and kind, and if it has no fault, name and kind. */
  about: readonly string[];
}

/** Turns a time of a span into OTLP's: nanoseconds since 1970, as decimal text. */
export type UnixNano = (ns: number) => string;

/** The time of one way between two instances, and the time that a message waits in its queue. */
const networkMs = 0.25;
const queueNs = 20_000_000;
/** How unevenly work takes its time: one piece in forty takes more than twice the median. */
const sigma = 0.35;
/** In the order of their numbers in OTLP, which begin with 1. */
const spanKinds: readonly SpanKind[] = ['internal', 'server', 'client', 'producer', 'consumer'];
const statusError = 2;

/** The attributes of each operation, whose text may name facts; and the facts that it carries. */
const attributesOf = Object.fromEntries(
  Object.entries(operations).map(([name, { protocol, service = '', ...operation }]) => {
    const [, verb = '', object = ''] = /^([^ /]+)[ /](.*)$/.exec(name)!;
    const fixed: Record<string, Value> = { ...protocols[protocol], ...operation.attributes };
    for (const key in fixed) fixed[key] = fill(fixed[key]!, { verb, object, service });
    const carried = Object.keys(facts).filter((fact) => operation.facts?.test(fact));
    return [name, { fixed, carried }];
  }),
);

export class Visit {
  readonly spans: Span[] = [];
  readonly #random: Random;
  readonly #fleet: Fleet;
  readonly #facts: Attributes;
  /** Consumers run after everything else has ended. */
  readonly #consumers: (() => void)[] = [];
  #nowNs = 0;

  /** Runs the operation `name`, which must be one of a server. */
  constructor(fleet: Fleet, random: Random, name: string) {
    this.#fleet = fleet;
    this.#random = random;
    const drawn = Object.entries(facts).map(([fact, draw]) => [fact, draw(random)]);
    this.#facts = Object.fromEntries(drawn);
    this.#run(name, 'server', undefined);
    for (const consume of this.#consumers) consume();
  }

  /** When the last span ended. */
  get endNs(): number {
    return Math.max(...this.spans.map(({ endNs }) => endNs));
  }

  #run(name: string, kind: SpanKind, caller: Span | undefined): Fault | undefined {
    if (kind === 'consumer') this.#nowNs = caller!.endNs + queueNs;
    const span = this.#open(name, operations[name]!, kind, caller);
    this.spans.push(span);
    if (kind === 'client' && span.operation.kind === 'server') {
      this.#spend(networkMs);
      span.fault = this.#run(name, 'server', span);
      this.#spend(networkMs);
    } else {
      this.#spend(span.operation.ms);
      span.fault = this.#callAll(span) ?? this.#ownFault(span);
    }
    span.endNs = this.#nowNs;
    const { attributes, fault, operation } = span;
    if (operation.protocol === 'http') attributes['http.response.status_code'] = fault?.http ?? 200;
    if (operation.protocol === 'grpc') attributes['rpc.grpc.status_code'] = fault?.grpc ?? 0;
    span.about = [`${operation.protocol} ${kind}`, fault === undefined ? `${name} ${kind}` : ''];
    if (fault !== undefined) attributes['error.type'] = fault.type;
    return fault;
  }

  /** Makes the calls of the operation until one of them returns a fault. */
  #callAll(span: Span): Fault | undefined {
    for (const name of span.operation.calls ?? []) {
      const { kind, share = 1 } = operations[name]!;
      if (kind === 'consumer') this.#consumers.push(() => this.#run(name, kind, span));
      else if (this.#random.chance(share)) {
        const fault = this.#run(name, kind === 'server' ? 'client' : kind, span);
        if (fault !== undefined) return fault;
      }
    }
    return undefined;
  }

  #ownFault(span: Span): Fault | undefined {
    const { fault } = span.operation;
    if (fault === undefined || !this.#random.chance(fault.share)) return undefined;
    this.#spend(fault.ms ?? 0);
    span.isOwnFault = true;
    return fault;
  }

  #open(name: string, operation: Operation, kind: SpanKind, caller: Span | undefined): Span {
    const isOwner = kind === 'server' || kind === 'consumer';
    return {
      name,
      operation,
      kind,
      instance: isOwner ? this.#random.pick(this.#fleet[operation.service!]!) : caller!.instance,
      traceId: kind === 'consumer' || !caller ? this.#random.bytes(16) : caller.traceId,
      spanId: this.#random.bytes(8),
      caller,
      attributes: this.#attributesOf(name, kind === operation.kind),
      startNs: this.#nowNs,
      endNs: this.#nowNs,
      fault: undefined,
      isOwnFault: false,
      about: [],
    };
  }

  #attributesOf(name: string, withFacts: boolean): Record<string, Value> {
    const { fixed, carried } = attributesOf[name]!;
    const attributes = { ...fixed };
    for (const key in fixed) attributes[key] = fill(fixed[key]!, this.#facts);
    if (withFacts) for (const fact of carried) attributes[fact] = this.#facts[fact]!;
    return attributes;
  }

  /** Lets time pass, log-normally distributed around the median. */
  #spend(medianMs: number): void {
    this.#nowNs += 1000 + Math.round(this.#random.logNormal(medianMs, sigma) * 1e6);
  }
}

/** Returns the attributes of the exception that a fault was. */
export function exceptionOf({ type, message }: Fault): Attributes {
  return { 'exception.type': type, 'exception.message': message };
}

/** Returns the span as an OTLP message. */
export function spanItem(span: Span, unixNano: UnixNano): Item {
  const { kind, caller, fault } = span;
  const timeUnixNano = unixNano(span.endNs);
  const isConsumer = kind === 'consumer';
  // For a server only codes of 500 and above are errors; for its client every fault is one.
  const isError = fault !== undefined && (kind !== 'server' || fault.http >= 500);
  const event = fault && { name: 'exception', attributes: toKeyValues(exceptionOf(fault)) };
  const message = {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: caller === undefined || isConsumer ? new Uint8Array(0) : caller.spanId,
    name: span.name,
    kind: spanKinds.indexOf(kind) + 1,
    flags: 1,
    startTimeUnixNano: unixNano(span.startNs),
    endTimeUnixNano: timeUnixNano,
    attributes: toKeyValues(span.attributes),
    events: span.isOwnFault ? [{ timeUnixNano, ...event }] : [],
    links: isConsumer ? [{ traceId: caller!.traceId, spanId: caller!.spanId }] : [],
    status: isError ? { code: statusError, message: fault.message } : {},
  };
  return { instance: span.instance, message };
}
