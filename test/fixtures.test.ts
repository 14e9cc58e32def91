/** Tests that the captured requests match their description in fixtures/README.md. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { requestType } from '../src/shared/otlp-messages.ts';
import type { Signal } from '../src/shared/signal.ts';

const folder = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const files = readdirSync(`${folder}requests`);

interface Span {
  readonly name: string;
  readonly kind: number;
  readonly status?: { readonly code?: number };
  readonly events?: readonly unknown[];
  readonly links?: readonly unknown[];
  readonly droppedAttributesCount?: number;
}

interface Point {
  readonly exemplars?: readonly unknown[];
}

/** A metric has data in exactly one member. */
type Metric = { readonly name: string } & Readonly<Record<string, { dataPoints?: Point[] }>>;

interface LogRecord {
  readonly timeUnixNano?: string;
  readonly severityNumber?: number;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly droppedAttributesCount?: number;
  readonly traceId?: unknown;
  readonly eventName?: string;
}

/** The names of the groups and items in a signal's request. */
const names = {
  traces: ['resourceSpans', 'scopeSpans', 'spans'],
  metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
  logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
} as const satisfies Record<Signal, readonly string[]>;

type Groups = Readonly<Record<string, readonly unknown[]>>;

/** Returns the items of all groups. */
function read<Item>(signal: Signal, file: string): readonly Item[] {
  const bytes = readFileSync(`${folder}requests/${file}`);
  const type = requestType(signal);
  const request: Groups = file.endsWith('.json')
    ? JSON.parse(bytes.toString())
    : type.toObject(type.decode(bytes), { longs: String });
  const [resourceGroups, scopeGroups, items] = names[signal];
  return (request[resourceGroups] as Groups[])
    .flatMap((group) => group[scopeGroups] as Groups[])
    .flatMap((group) => group[items] as Item[]);
}

function filesOf(signal: Signal): string[] {
  const found = files.filter((file) => file.includes(`-${signal}`));
  assert.ok(found.length >= 5, signal);
  return found;
}

describe('fixtures', () => {
  it('README: names every file, and every file is there', () => {
    const readme = readFileSync(`${folder}README.md`, 'utf8');
    const named = [...readme.matchAll(/^\| (\S+\.(?:pb|json)) +\|/gm)].map((match) => match[1]);
    assert.deepEqual(named.sort(), [...files].sort());
  });

  for (const file of filesOf('traces')) {
    it(`${file}: the same five spans, with events, links and what was dropped`, () => {
      const spans = read<Span>('traces', file);
      assert.deepEqual(
        spans.map(({ name }) => name),
        ['SELECT cakes', 'render', 'orders producer', 'orders consumer', 'GET /søk/{term} 🛒'],
      );
      assert.deepEqual(
        spans.map(({ kind }) => kind),
        [3, 1, 4, 5, 2],
      );
      const [query, step, , , server] = spans;
      assert.equal(query?.status?.code, 2);
      assert.equal(step?.status?.code, 1);
      assert.equal(step?.events?.length, 4);
      assert.equal(server?.links?.length, 2);
      assert.equal(server?.droppedAttributesCount, 2);
    });
  }

  for (const file of filesOf('metrics')) {
    it(`${file}: the same metrics of every kind, in Python with exemplars`, () => {
      const metrics = read<Metric>('metrics', file);
      const kinds = metrics.map((metric) => {
        const { name } = metric;
        const kind = ['gauge', 'sum', 'histogram', 'exponentialHistogram'].find(
          (key) => metric[key],
        );
        return `${name} ${kind} ${metric[kind ?? '']?.dataPoints?.length}`;
      });
      assert.deepEqual(kinds.sort(), [
        'cpu.time sum 1',
        'latency histogram 2',
        'latency.exponential exponentialHistogram 1',
        'load gauge 2',
        'queue.length sum 1',
        'requests sum 2',
        'revenue sum 1',
        'temperature gauge 3',
        'version gauge 1',
      ]);
      const points = metrics.flatMap((metric) => metric['histogram']?.dataPoints ?? []);
      const exemplarCount = points.flatMap(({ exemplars }) => exemplars ?? []).length;
      assert.equal(exemplarCount, file.startsWith('python') ? 4 : 0);
    });
  }

  for (const file of filesOf('logs')) {
    it(`${file}: bodies of every type, an event, and what was dropped`, () => {
      const records = read<LogRecord>('logs', file);
      const [first] = records;
      const [event, plain, fatal] = records.slice(-3);
      const types = new Set(records.flatMap(({ body }) => Object.keys(body ?? {})));
      const members = ['string', 'int', 'double', 'bool', 'array', 'kvlist'];
      for (const name of members) assert.ok(types.has(`${name}Value`), name);
      assert.equal(first?.severityNumber, 9);
      assert.equal(first?.droppedAttributesCount, 1);
      assert.ok(first?.traceId !== undefined);
      assert.equal(event?.eventName, 'order.placed');
      assert.deepEqual(plain?.body, { stringValue: 'no time, no span, no severity' });
      assert.equal(fatal?.severityNumber, 24);
    });
  }
});
