/** An OTLP request as JSON, by OTLP's own mapping of protobuf. */
import { hexFieldNames, requestType } from '../shared/otlp-messages.ts';
import type { Signal } from '../shared/signal.ts';

/**
 * 64-bit integers become strings, enums numbers, NaN and infinities strings. Fields that no .proto
 * file here names are left out: JSON has no place for them. Throws on bytes that are no request.
 */
export function requestToJson(signal: Signal, bytes: Uint8Array): string {
  const type = requestType(signal);
  const message = type.toObject(type.decode(bytes), { longs: String, bytes: String, json: true });
  return JSON.stringify(message, (name, value: unknown) => {
    // A number would lose its sign; as text it is a double, too.
    if (Object.is(value, -0)) return '-0';
    const isHex = hexFieldNames.has(name) && typeof value === 'string';
    return isHex ? Buffer.from(value, 'base64').toString('hex') : value;
  });
}
