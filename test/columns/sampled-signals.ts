/** The signals that tests treat alike: random requests, and the rows that they must become. */
import type { Signal } from '../../src/shared/signal.ts';
import type { TestRandom } from '../random.ts';
import type { Row } from './decode/decoder-harness.ts';
import { RandomLogs } from './random-logs.ts';
import { RandomMetrics } from './random-metrics.ts';
import type { RandomRequests, RandomRequestsOptions } from './random-requests.ts';
import { RandomTraces } from './random-traces.ts';
import { referenceLogRows } from './reference-log-rows.ts';
import { referenceMetricRows } from './reference-metric-rows.ts';
import { referenceRows } from './reference-rows.ts';

export interface SampledSignal {
  readonly signal: Signal;
  readonly Requests: new (random: TestRandom, options: RandomRequestsOptions) => RandomRequests;
  /** Throws if protobufjs refuses the bytes. */
  readonly rows: (request: Uint8Array, batchId?: bigint) => Row[];
  /** The first time column, which the statistics of a batch use. */
  readonly time: string;
  /** True if rows may belong to a trace. */
  readonly hasTraceIds: boolean;
}

export const sampledSignals: readonly SampledSignal[] = [
  {
    signal: 'traces',
    Requests: RandomTraces,
    rows: referenceRows,
    time: 'start_time',
    hasTraceIds: true,
  },
  {
    signal: 'metrics',
    Requests: RandomMetrics,
    rows: referenceMetricRows,
    time: 'time',
    hasTraceIds: false,
  },
  { signal: 'logs', Requests: RandomLogs, rows: referenceLogRows, time: 'time', hasTraceIds: true },
];
