/** A view with fixed counts, for tests of the dashboard port. */
import type { RecorderView } from '../../src/serve/recorder-view.ts';

export function fakeView(): RecorderView {
  return {
    itemCounts: () => ({
      traces: { received: 10, archived: 6, pending: 3, recovered: 0, rejected: { too_large: 1 } },
    }),
    requestCounts: () => [{ signal: 'traces', transport: 'http', code: 200, count: 4 }],
    retentionCounts: () => [{ signal: 'logs', reason: 'age', segments: 2, bytes: 700 }],
    forwardCounts: () => [
      {
        ...{ name: 'upstream', delivered: 7, dropped: 1, retried: 2, lost: 0, sampledOut: 3 },
        ...{ partial: 0, lagRequests: 5, lagSeconds: 1.5, breaker: 'open' },
        ...{ sampledOutItems: 9, lagBytes: 4_096, lastSuccessMs: 1_500 },
      },
    ],
    recovery: () => undefined,
    healthChecks: () => [{ name: 'lane', status: 'ok', detail: 'recording' }],
    flush: async () => ({ traces: 3 }),
    rotate: async () => ['traces/date=2026-01-01/x.arrow'],
  };
}
