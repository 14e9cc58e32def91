/** A request of any signal, as the shop emits it. */
import type { LogsRequest } from './log-messages.ts';
import type { MetricsRequest } from './metric-messages.ts';
import type { TraceRequest } from './telemetry.ts';

export type ExportRequest = TraceRequest | MetricsRequest | LogsRequest;
