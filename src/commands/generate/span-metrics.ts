/** What the instrumentation of one instance measures of the spans that it makes. */
import type { Measurement } from './exemplar.ts';
import { ExponentialHistogram } from './exponential-histogram.ts';
import type { Instance, Role } from './fleet.ts';
import { Histogram } from './histogram.ts';
import { type Instrument, Sum } from './instrument.ts';
import { QuantileSummary } from './quantile-summary.ts';
import { type KeyValue, type Span, spanKind, statusCode } from './telemetry.ts';
import type { EmittedSpan } from './visit.ts';

/** Of the semantic conventions, in seconds. */
const secondBounds = [
  ...[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75],
  ...[1, 2.5, 5, 7.5, 10],
];

/** SDKs' default, meant for milliseconds. */
const millisecondBounds = [
  ...[0, 5, 10, 25, 50, 75, 100, 250, 500, 750],
  ...[1_000, 2_500, 5_000, 7_500, 10_000],
];

/** An instrument and the library that it belongs to. */
export interface OwnedInstrument {
  readonly role: Role;
  readonly instrument: Instrument;
}

/** Takes a span into an instrument when it is of the role and kind. */
interface Rule extends OwnedInstrument {
  readonly kind: keyof typeof spanKind;
  readonly take: (span: Span) => void;
}

export class SpanMetrics {
  readonly #instance: Instance;
  readonly #rules: readonly Rule[];

  constructor(instance: Instance) {
    this.#instance = instance;
    this.#rules = [
      ...httpRules(),
      ...rpcRules(),
      ...storeRules(),
      ...messagingRules(),
      ...(instance.service === 'checkout' ? orderRules() : []),
      ...(instance.service === 'email' ? letterRules() : []),
    ];
  }

  get instruments(): readonly OwnedInstrument[] {
    return this.#rules;
  }

  observe({ span, scope }: EmittedSpan): void {
    const { scopes } = this.#instance;
    for (const { role, kind, take } of this.#rules) {
      if (spanKind[kind] === span.kind && scopes[role] === scope) take(span);
    }
  }
}

function httpRules(): Rule[] {
  const serverDuration = new Histogram(
    { name: 'http.server.request.duration', unit: 's', description: 'Of requests served.' },
    secondBounds,
  );
  const clientDuration = new Histogram(
    { name: 'http.client.request.duration', unit: 's', description: 'Of requests made.' },
    secondBounds,
  );
  const base = ['http.request.method', 'http.response.status_code', 'error.type'];
  const serverNames = [...base, 'http.route', 'url.scheme', 'network.protocol.version'];
  const clientNames = [...base, 'server.address', 'server.port'];
  const http = { role: 'http' } as const;
  return [
    {
      ...{ ...http, kind: 'server', instrument: serverDuration },
      take: (span) => recordSeconds(serverDuration, span, serverNames, ['url.path']),
    },
    {
      ...{ ...http, kind: 'client', instrument: clientDuration },
      take: (span) => recordSeconds(clientDuration, span, clientNames, ['url.full']),
    },
  ];
}

/** The older conventions, in milliseconds, which many services still follow. */
function rpcRules(): Rule[] {
  const duration = new Histogram(
    { name: 'rpc.server.duration', unit: 'ms', description: 'Of calls answered.' },
    millisecondBounds,
  );
  const names = ['rpc.system', 'rpc.service', 'rpc.method', 'rpc.grpc.status_code'];
  const take = (span: Span) => {
    const measurement = { span, value: seconds(span) * 1000, filteredAttributes: [] };
    duration.record(measurement, pick(span, names));
  };
  return [{ role: 'rpc', kind: 'server', instrument: duration, take }];
}

function storeRules(): Rule[] {
  const roles = ['sql', 'cache'] as const;
  return roles.map((role): Rule => {
    const duration = new ExponentialHistogram({
      name: 'db.client.operation.duration',
      unit: 's',
      description: 'Of what was asked of a store.',
    });
    const names = ['db.system.name', 'db.collection.name', 'db.operation.name', 'error.type'];
    const take = (span: Span) => recordSeconds(duration, span, names, ['db.query.text']);
    return { role, kind: 'client', instrument: duration, take };
  });
}

function messagingRules(): Rule[] {
  const sent = new Sum(
    { name: 'messaging.client.sent.messages', unit: '{message}', description: 'Messages sent.' },
    'int',
    true,
  );
  const duration = new Histogram(
    { name: 'messaging.process.duration', unit: 's', description: 'Of processing a message.' },
    secondBounds,
  );
  const names = ['messaging.system', 'messaging.destination.name', 'error.type'];
  const consumerNames = [...names, 'messaging.consumer.group.name'];
  const messaging = { role: 'messaging' } as const;
  return [
    {
      ...{ ...messaging, kind: 'producer', instrument: sent },
      take: (span) => sent.add(1, pick(span, names)),
    },
    {
      ...{ ...messaging, kind: 'consumer', instrument: duration },
      take: (span) => recordSeconds(duration, span, consumerNames, ['messaging.kafka.offset']),
    },
  ];
}

/** What the shop's owner looks at. */
function orderRules(): Rule[] {
  const orders = new Sum(
    { name: 'shop.orders', unit: '{order}', description: 'Orders placed.' },
    'int',
    true,
  );
  const revenue = new Sum(
    { name: 'shop.revenue', unit: '1', description: 'Of orders placed, by currency.' },
    'double',
    true,
  );
  const ifPlaced = (count: (span: Span) => void) => (span: Span) => {
    const isPlaced = span.name.endsWith('/PlaceOrder') && span.status.code !== statusCode.error;
    if (isPlaced && numberOf(span, 'rpc.grpc.status_code') === 0) count(span);
  };
  const own = { role: 'rpc', kind: 'server' } as const;
  return [
    {
      ...{ ...own, instrument: orders },
      take: ifPlaced((span) => orders.add(1, pick(span, ['order.currency', 'order.is_gift']))),
    },
    {
      ...{ ...own, instrument: revenue },
      take: ifPlaced((span) => {
        revenue.add(numberOf(span, 'order.total') ?? 0, pick(span, ['order.currency']));
      }),
    },
  ];
}

/** The email service still has the Prometheus client of its first days. */
function letterRules(): Rule[] {
  const render = new QuantileSummary({
    name: 'letter_render_seconds',
    unit: 's',
    description: 'Of rendering a letter.',
  });
  const take = (span: Span) => {
    render.record(seconds(span), pick(span, ['template.name', 'template.locale']));
  };
  return [{ role: 'application', kind: 'internal', instrument: render, take }];
}

function recordSeconds(
  instrument: { record(measurement: Measurement, attributes: readonly KeyValue[]): void },
  span: Span,
  names: readonly string[],
  filteredNames: readonly string[],
): void {
  const filteredAttributes = pick(span, filteredNames);
  instrument.record({ value: seconds(span), span, filteredAttributes }, pick(span, names));
}

function seconds({ startTimeUnixNano, endTimeUnixNano }: Span): number {
  return Number(endTimeUnixNano - startTimeUnixNano) / 1e9;
}

/** In the order of the names. */
function pick({ attributes }: Span, names: readonly string[]): KeyValue[] {
  return names.flatMap((name) => attributes.find(({ key }) => key === name) ?? []);
}

function numberOf(span: Span, name: string): number | undefined {
  const value = pick(span, [name])[0]?.value;
  if (value === undefined) return undefined;
  if ('intValue' in value) return value.intValue;
  return 'doubleValue' in value ? value.doubleValue : undefined;
}
