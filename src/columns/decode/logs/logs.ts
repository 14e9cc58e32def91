/** The logs signal. */

import { SignalColumns } from '../request/signal-columns.ts';
import { groupColumns, logRecords, serviceName, time, traceId } from './log-columns.ts';
import { readLogRecord } from './log-record.ts';

@final
export class Logs extends SignalColumns {
  constructor() {
    super(logRecords, time, traceId, serviceName, groupColumns);
  }

  readRecord(end: usize): void {
    readLogRecord(end);
  }
}
