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
  registerRetentionCounts(registry, view);
  registerForwardCounts(registry, view);
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

function registerRetentionCounts(registry: Registry, view: RecorderView): void {
  const labelNames = ['signal', 'reason'];
  const registers = [registry];
  const deletedSegments = new Counter({
    name: 'archer_retention_deleted_segments_total',
    help: 'Sealed segments that retention deleted: for their age, for all bytes, for free space.',
    labelNames,
    registers,
  });
  const deletedBytes = new Counter({
    name: 'archer_retention_deleted_bytes_total',
    help: 'Bytes of those segments.',
    labelNames,
    registers,
  });
  for (const { signal, reason, segments, bytes } of view.retentionCounts()) {
    deletedSegments.inc({ signal, reason }, segments);
    deletedBytes.inc({ signal, reason }, bytes);
  }
}

const forwardCounters = {
  delivered: ['delivered_requests', 'Requests that the destination took.'],
  dropped: ['dropped_requests', 'Requests that the destination refused for good.'],
  retried: ['retried_requests', 'Attempts that are made again.'],
  lost: ['lost_requests', 'Requests that retention deleted before they could be sent.'],
  sampledOut: ['sampled_out_requests', 'Requests of which sampling left nothing.'],
  sampledOutItems: ['sampled_out_items', 'Spans and log records that sampling left out.'],
  partial: ['partial_requests', 'Requests that the destination took in part.'],
} as const;

const forwardGauges = {
  lagRequests: ['lag_requests', 'Requests logged and without a final answer, at most.'],
  lagBytes: ['lag_bytes', 'Their bytes; those not yet read are taken to be like those read.'],
  lagSeconds: ['lag_seconds', 'Age of the oldest request that is being sent.'],
} as const;

const breakerNumbers = { closed: 0, half_open: 1, open: 2 } as const;

function registerForwardCounts(registry: Registry, view: RecorderView): void {
  const forwards = view.forwardCounts();
  const registers = [registry];
  const labelNames = ['destination'];
  for (const [count, [what, help]] of Object.entries(forwardCounters)) {
    const name = `archer_forward_${what}_total`;
    const counter = new Counter({ name, help, labelNames, registers });
    for (const forward of forwards) {
      counter.inc({ destination: forward.name }, forward[count as keyof typeof forwardCounters]);
    }
  }
  const newGauge = (what: string, help: string) => {
    return new Gauge({ name: `archer_forward_${what}`, help, labelNames, registers });
  };
  for (const [key, [what, help]] of Object.entries(forwardGauges)) {
    const gauge = newGauge(what, help);
    for (const forward of forwards) {
      gauge.set({ destination: forward.name }, forward[key as keyof typeof forwardGauges]);
    }
  }
  const breaker = newGauge('breaker_state', 'Circuit breaker: 0 closed, 1 half-open, 2 open.');
  const success = newGauge('last_success_timestamp_seconds', 'When a request was last taken.');
  for (const { name: destination, breaker: state, lastSuccessMs } of forwards) {
    breaker.set({ destination }, breakerNumbers[state]);
    if (lastSuccessMs !== undefined) success.set({ destination }, lastSuccessMs / 1000);
  }
}
