/** The traces signal. */
import { SignalColumns } from '../request/signal-columns.ts';
import { readSpan } from './span.ts';
import { groupColumns, serviceName, spans, startTime, traceId } from './span-columns.ts';

@final
export class Traces extends SignalColumns {
  constructor() {
    super(spans, startTime, traceId, serviceName, groupColumns);
  }

  readRecord(end: usize): void {
    readSpan(end);
  }
}
