/** Converts an OTLP request from protobuf to JSON, by OTLP's own mapping. */
import { hexFieldNames, requestType } from '../shared/otlp-messages.ts';
import type { Signal } from '../shared/signal.ts';

/**
 * 64-bit integers, NaN and infinities become strings; enums become numbers. Fields that the .proto
 * files do not define are left out, because JSON has no names for them. Throws if the bytes are not
 * a request of the signal.
 */
export function requestToJson(signal: Signal, bytes: Uint8Array): string {
  const type = requestType(signal);
  const message = type.toObject(type.decode(bytes), { longs: String, bytes: String, json: true });
  return JSON.stringify(message, (name, value: unknown) => {
    // JSON.stringify would drop the sign of -0; proto3 reads text as a double too.
    if (Object.is(value, -0)) return '-0';
    const isHex = hexFieldNames.has(name) && typeof value === 'string';
    return isHex ? Buffer.from(value, 'base64').toString('hex') : value;
  });
}
