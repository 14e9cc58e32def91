/** Segment summaries with defaults. A test sets only the fields that it checks. */

import type { SegmentSummary } from '../../src/disk/catalogue/segment-summary.ts';
import type { LogRange } from '../../src/disk/ipc/message-metadata.ts';
import { ownId } from './archive-builder.ts';

export function summaryOf(some: Partial<SegmentSummary>): SegmentSummary {
  const number = some.number ?? 1;
  return {
    ...{ path: `traces/date=2026-01-31/${number}`, signal: 'traces', number, state: 'sealed' },
    ...{ bytes: 1000, rows: 10, firstTime: 100n, lastTime: 200n, firstReceivedTime: 100n },
    ...{ lastReceivedTime: 200n, services: ['shop'], ranges: [rangeOf(1n, 9n)] },
    ...some,
  };
}

export function rangeOf(from: bigint, to: bigint, recorder = ownId, lane = 0): LogRange {
  return { recorder, lane, from, to };
}
