/** OTLP messages as plain objects, before they are serialized. */
import type { Signal } from '../../shared/signal.ts';

/** A message of OTLP; its fields have the names of the .proto files in camelCase. */
export type Message = Readonly<Record<string, unknown>>;

/** An attribute's value. OTLP gets a plain number as an integer, `{ doubleValue }` as a double. */
export type Value = string | number | boolean | { doubleValue: number } | readonly string[];

export type Attributes = Readonly<Record<string, Value>>;

/** A span, metric or log record, and the instance that it comes from. */
export interface Item {
  readonly instance: { readonly resource: Message; readonly scope: Message };
  readonly message: Message;
}

/** Names of OTLP's nested lists. */
const lists: Readonly<Record<Signal, readonly [string, string, string]>> = {
  traces: ['resourceSpans', 'scopeSpans', 'spans'],
  metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
  logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
};

/** Returns an Export…ServiceRequest with the items grouped by instance. */
export function toRequest(signal: Signal, items: readonly Item[]): Message {
  const [outer, middle, inner] = lists[signal];
  const groups = new Map<Item['instance'], Message[]>();
  for (const { instance, message } of items) {
    const group = groups.get(instance);
    if (group === undefined) groups.set(instance, [message]);
    else group.push(message);
  }
  const list = Array.from(groups, ([{ resource, scope }, group]) => {
    return { resource, [middle]: [{ scope, [inner]: group }] };
  });
  return { [outer]: list };
}

/** Returns the attributes as a list of KeyValue messages. */
export function toKeyValues(attributes: Attributes): Message[] {
  return Object.keys(attributes).map((key) => ({ key, value: toAnyValue(attributes[key]!) }));
}

function toAnyValue(value: Value): Message {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'number') return { intValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if ('doubleValue' in value) return value;
  return { arrayValue: { values: value.map(toAnyValue) } };
}

/** Replaces each `{name}` in a text; a name without a value stays. */
export function fill(text: Value, values: Attributes): Value {
  if (typeof text !== 'string' || !text.includes('{')) return text;
  return text.replace(/\{([^}]+)\}/g, (all, name: string) => String(values[name] ?? all));
}
