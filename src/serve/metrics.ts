/** The Prometheus text of GET /metrics. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { ItemCounts, RecorderView } from './recorder-view.ts';

/** CPU, memory and event loop of the process; sampled by prom-client itself. */
const processMetrics = new Registry();
collectDefaultMetrics({ register: processMetrics });

export const metricsContentType = processMetrics.contentType;

/**
 * One scrape. The registry is made anew each time, so that all counts of a scrape come from one
 * look and received = archived + rejected + pending holds in it, also when two scrapes overlap.
 */
export async function renderMetrics(view: RecorderView): Promise<string> {
  const registry = new Registry();
  registerItemCounts(registry, view);
  registerRequestCounts(registry, view);
  return `${await registry.metrics()}\n${await processMetrics.metrics()}`;
}

function registerItemCounts(registry: Registry, view: RecorderView): void {
  const registers = [registry];
  const labelNames = ['signal'];
  const received = new Counter({
    name: 'archer_received_total',
    help: 'Items (spans, data points, log records) of decoded requests.',
    labelNames,
    registers,
  });
  const archived = new Counter({
    name: 'archer_archived_total',
    help: 'Items written to a segment.',
    labelNames,
    registers,
  });
  const rejected = new Counter({
    name: 'archer_rejected_total',
    help: 'Items of requests that were refused after decoding.',
    labelNames: ['signal', 'reason'],
    registers,
  });
  const pending = new Gauge({
    name: 'archer_pending',
    help: 'Items acknowledged or about to be, and not yet in a segment.',
    labelNames,
    registers,
  });
  const recovered = new Counter({
    name: 'archer_recovered_total',
    help: 'Items that recovery replayed; they count as received again.',
    labelNames,
    registers,
  });
  const counts = Object.entries(view.itemCounts()) as [string, ItemCounts][];
  for (const [signal, items] of counts) {
    received.inc({ signal }, items.received);
    archived.inc({ signal }, items.archived);
    pending.set({ signal }, items.pending);
    recovered.inc({ signal }, items.recovered);
    for (const [reason, count] of Object.entries(items.rejected)) {
      rejected.inc({ signal, reason }, count);
    }
  }
}

function registerRequestCounts(registry: Registry, view: RecorderView): void {
  const requests = new Counter({
    name: 'archer_requests_total',
    help: 'Answered requests by HTTP status or gRPC code.',
    labelNames: ['signal', 'transport', 'code'],
    registers: [registry],
  });
  for (const { signal, transport, code, count } of view.requestCounts()) {
    requests.inc({ signal, transport, code: String(code) }, count);
  }
}
