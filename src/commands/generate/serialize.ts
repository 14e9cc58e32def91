/** Turns messages into the bytes of requests: protobuf, or JSON by OTLP's own mapping. */
import { requestType } from '../../shared/otlp-messages.ts';
import type { Signal } from '../../shared/signal.ts';
import type { Message } from './message.ts';

/** Fields of 64-bit integers that are numbers here; times are text already. */
const integerNames: ReadonlySet<string> = new Set(['intValue', 'asInt', 'count', 'zeroCount']);

export function toProtobuf(signal: Signal, request: Message): Uint8Array {
  const type = requestType(signal);
  return type.encode(type.fromObject(request)).finish();
}

/** OTLP/JSON has ids in hex, and 64-bit integers as strings. */
export function toJson(_signal: Signal, request: Message): Uint8Array {
  const text = JSON.stringify(request, (name, value: unknown) => {
    if (integerNames.has(name)) return String(value);
    if (name === 'bucketCounts') return (value as number[]).map(String);
    return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
  });
  return Buffer.from(text);
}
