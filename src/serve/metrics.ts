/** Renders the Prometheus text of GET /metrics. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { ItemCounts, RecorderView } from './recorder-view.ts';

/** CPU, memory and event loop of the process, which prom-client samples itself. */
const processMetrics = new Registry();
collectDefaultMetrics({ register: processMetrics });

export const metricsContentType = processMetrics.contentType;

/**
 * Renders one scrape. Each scrape has a new registry, so that all its counts are of one moment and
 * received = archived + rejected + pending holds in it, even if two scrapes overlap.
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
    help: 'Items that are not yet in a segment, acknowledged or about to be.',
    labelNames,
    registers,
  });
  const recovered = new Counter({
    name: 'archer_recovered_total',
    help: 'Items that recovery replayed from the log; they also count as received again.',
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
    help: 'Sealed segments that retention deleted, by reason: age, bytes or free_space.',
    labelNames,
    registers,
  });
  const deletedBytes = new Counter({
    name: 'archer_retention_deleted_bytes_total',
    help: 'Bytes of the segments that retention deleted.',
    labelNames,
    registers,
  });
  for (const { signal, reason, segments, bytes } of view.retentionCounts()) {
    deletedSegments.inc({ signal, reason }, segments);
    deletedBytes.inc({ signal, reason }, bytes);
  }
}

const forwardCounters = {
  delivered: ['delivered_requests', 'Requests that the destination accepted.'],
  dropped: ['dropped_requests', 'Requests that the destination refused permanently.'],
  retried: ['retried_requests', 'Attempts that failed and are made again.'],
  lost: ['lost_requests', 'Requests that retention deleted before they could be sent.'],
  sampledOut: ['sampled_out_requests', 'Requests that sampling dropped entirely.'],
  sampledOutItems: ['sampled_out_items', 'Spans and log records that sampling dropped.'],
  partial: ['partial_requests', 'Requests that the destination accepted in part.'],
} as const;

const forwardGauges = {
  lagRequests: ['lag_requests', 'Upper bound of logged requests without a final answer.'],
  lagBytes: ['lag_bytes', 'Bytes of these requests; the size of unread ones is estimated.'],
  lagSeconds: ['lag_seconds', 'Age of the oldest request being sent, in seconds.'],
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
  const success = newGauge('last_success_timestamp_seconds', 'When a request was last accepted.');
  for (const { name: destination, breaker: state, lastSuccessMs } of forwards) {
    breaker.set({ destination }, breakerNumbers[state]);
    if (lastSuccessMs !== undefined) success.set({ destination }, lastSuccessMs / 1000);
  }
}
