/** The metrics signal. */

import { SignalColumns } from '../request/signal-columns.ts';
import { readMetric } from './metric.ts';
import { groupColumns, points, serviceName, time } from './metric-columns.ts';
import { metadataText } from './metric-head.ts';

@final
export class Metrics extends SignalColumns {
  /** Number of the next Metric in its scope group. */
  private nextIndex: u32 = 0;

  constructor() {
    super(points, time, null, serviceName, groupColumns);
  }

  startScopeGroup(): void {
    this.nextIndex = 0;
  }

  /** A Metric has as many rows as it has points, or one if it has none. */
  readRecord(end: usize): void {
    readMetric(end, this.nextIndex++);
  }

  recordIsRow(): bool {
    return false;
  }

  heldBytes(): u64 {
    return super.heldBytes() + metadataText.bytes;
  }
}
