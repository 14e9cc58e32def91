/** OTLP's messages of logs as plain objects. */
import type { AnyValue, KeyValue, Resource, Scope } from './telemetry.ts';

export interface LogRecord {
  readonly timeUnixNano: bigint;
  readonly observedTimeUnixNano: bigint;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: AnyValue;
  readonly attributes: readonly KeyValue[];
  readonly flags: number;
  /** Empty, as the span's id, where no request was being served. */
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly eventName: string;
}

export interface ScopeLogs {
  readonly scope: Scope;
  readonly logRecords: readonly LogRecord[];
  readonly schemaUrl: string;
}

export interface ResourceLogs {
  readonly resource: Resource;
  readonly scopeLogs: readonly ScopeLogs[];
  readonly schemaUrl: string;
}

/** An ExportLogsServiceRequest. */
export interface LogsRequest {
  readonly resourceLogs: readonly ResourceLogs[];
}
