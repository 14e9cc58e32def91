/** Reads the answer to an accepted request, and how many of its items were rejected. */
import { responseType } from '../shared/otlp-messages.ts';
import type { Signal } from '../shared/signal.ts';
import { type Answer, shown } from './answer.ts';

/** The name of the count of rejected items differs by signal. */
const rejectedNames = {
  traces: 'rejectedSpans',
  metrics: 'rejectedDataPoints',
  logs: 'rejectedLogRecords',
} as const satisfies Record<Signal, string>;

/**
 * Takes the body of a successful answer; `format` is undefined if its type is unknown. A body that
 * cannot be read does not change that the request was accepted.
 */
export function acceptedAnswer(
  signal: Signal,
  format: 'protobuf' | 'json' | undefined,
  body: Uint8Array = new Uint8Array(0),
): Answer {
  const { [rejectedNames[signal]]: rejected, errorMessage } = partialSuccess(signal, format, body);
  const count = Number(rejected);
  const rejectedItems = Number.isSafeInteger(count) && count > 0 ? count : 0;
  return { verdict: 'accepted', rejectedItems, message: shown(String(errorMessage ?? '')) };
}

function partialSuccess(
  signal: Signal,
  format: 'protobuf' | 'json' | undefined,
  body: Uint8Array,
): Readonly<Record<string, unknown>> {
  if (format === undefined || body.length === 0) return {};
  try {
    const response = format === 'json' ? fromJson(body) : fromProtobuf(signal, body);
    return response?.partialSuccess ?? {};
  } catch {
    return {};
  }
}

interface ExportResponse {
  readonly partialSuccess?: Readonly<Record<string, unknown>>;
}

function fromProtobuf(signal: Signal, body: Uint8Array): ExportResponse {
  const type = responseType(signal);
  return type.toObject(type.decode(body), { longs: Number });
}

function fromJson(body: Uint8Array): ExportResponse | null {
  return JSON.parse(Buffer.from(body).toString());
}
