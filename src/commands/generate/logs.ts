/** The log records of the shop, from a table of what instances log about their spans. */
import { type Attributes, fill, type Item, toKeyValues, type Value } from './message.ts';
import { exceptionOf, type Span, type UnixNano } from './visit.ts';

const access = '{http.request.method} {url.path} {http.response.status_code} {ms} ms';
const placed = 'placed an order of {order.total} cents, {order.currency}';
const order = ['order.id', 'order.total', 'order.currency', 'order.skus'];

/** What is logged about which spans: text with `{name}` of an attribute, and attributes. */
const rows: readonly { about: string; text: string; by: string[]; eventName?: string }[] = [
  { about: 'http server', text: access, by: ['http.route', 'client.address'] },
  { about: 'kafka consumer', text: 'processed a message', by: [] },
  { about: 'checkout/PlaceOrder server', text: placed, by: order, eventName: 'order.placed' },
];

/** OTLP has 24 levels; these are the first ones of their names. */
const severityNumbers = { INFO: 9, WARN: 13, ERROR: 17 };

/** Returns the log records about a span: its exception, and what the table has for its end. */
export function spanLogs(span: Span, unixNano: UnixNano): Item[] {
  const { fault, attributes } = span;
  const at = unixNano(span.endNs);
  const found = rows.filter(({ about }) => span.about.includes(about));
  const items = found.map(({ text, by, eventName = '' }) => {
    const values = { ...attributes, ms: ((span.endNs - span.startNs) / 1e6).toFixed(1) };
    return logItem(span, at, fill(text, values), pick(attributes, by), eventName);
  });
  if (!span.isOwnFault) return items;
  return [logItem(span, at, fault!.message, exceptionOf(fault!), 'exception'), ...items];
}

function logItem(span: Span, at: string, text: Value, attributes: Attributes, eventName: string) {
  const { traceId, spanId, instance, fault } = span;
  const severityText = fault === undefined ? 'INFO' : fault.http >= 500 ? 'ERROR' : 'WARN';
  const message = {
    timeUnixNano: at,
    observedTimeUnixNano: at,
    severityText,
    severityNumber: severityNumbers[severityText],
    body: { stringValue: text },
    attributes: toKeyValues(attributes),
    eventName,
    traceId,
    spanId,
    flags: 1,
  };
  return { instance, message };
}

/** Returns those attributes that have one of the names. */
export function pick(attributes: Attributes, names: readonly string[]): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => names.includes(name)));
}
