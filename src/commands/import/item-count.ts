/** Counts the items of a request by its lengths, without decoding what is in them. */
import protobuf from 'protobufjs';
import type { Signal } from '../../shared/signal.ts';

const bytesType = 2;

/** Field numbers on the way from a request to its records: resource, scope, record. */
const recordPath = [1, 2, 2] as const;

/**
 * Field numbers of a Metric's gauge, sum, histogram, exponential histogram and summary. The points
 * are field 1 of each.
 */
const metricDataFields: ReadonlySet<number> = new Set([5, 7, 9, 10, 11]);

/**
 * Spans, log records or data points; a metric without points is one item, as it is one row. 0 for
 * what is no protobuf.
 */
export function countItems(signal: Signal, request: Uint8Array): number {
  try {
    return countBelow(request, 0, signal === 'metrics' ? countPoints : () => 1);
  } catch {
    return 0;
  }
}

function countBelow(
  message: Uint8Array,
  level: number,
  countRecord: (record: Uint8Array) => number,
): number {
  const field = recordPath[level];
  if (field === undefined) return countRecord(message);
  let count = 0;
  for (const [number, content] of messagesOf(message)) {
    if (number === field) count += countBelow(content, level + 1, countRecord);
  }
  return count;
}

function countPoints(metric: Uint8Array): number {
  let count = 0;
  for (const [number, data] of messagesOf(metric)) {
    if (!metricDataFields.has(number)) continue;
    for (const [field] of messagesOf(data)) if (field === 1) count++;
  }
  return Math.max(count, 1);
}

/** The fields that may be messages, with their numbers. */
function* messagesOf(message: Uint8Array): Generator<readonly [number, Uint8Array]> {
  const reader = protobuf.Reader.create(message);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if ((tag & 7) === bytesType) yield [tag >>> 3, reader.bytes()];
    else reader.skipType(tag & 7);
  }
}
