/** Converts an OTLP request from protobuf to JSON, by OTLP's own mapping. */
import protobuf from 'protobufjs';
import { hexFieldNames, requestType } from '../shared/otlp-messages.ts';
import type { Signal } from '../shared/signal.ts';

/**
 * Messages may be nested this deep. Receivers accept values of 64 levels, and each level takes up
 * to three messages: a value, its list and an entry. The default of protobufjs is 100.
 */
const messageDepthMax = 256;
protobuf.util.recursionLimit = messageDepthMax;
protobuf.Reader.recursionLimit = messageDepthMax;

/** Reads each byte sequence that is not UTF-8 as U+FFFD, as the columns do; protobufjs throws. */
class ReplacingReader extends protobuf.BufferReader {
  override stringVerify(): string {
    return this.string();
  }
}

/**
 * 64-bit integers, NaN and infinities become strings; enums become numbers. Fields that the .proto
 * files do not define are left out, because JSON has no names for them. Text that is not UTF-8
 * gets U+FFFD. Every request that a receiver accepts can be converted. Throws if the bytes are not
 * a request of the signal.
 */
export function requestToJson(signal: Signal, bytes: Uint8Array): string {
  const type = requestType(signal);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoded = type.decode(new ReplacingReader(buffer));
  const message = type.toObject(decoded, { longs: String, bytes: String, json: true });
  return JSON.stringify(message, (name, value: unknown) => {
    // JSON.stringify would drop the sign of -0; proto3 reads text as a double too.
    if (Object.is(value, -0)) return '-0';
    const isHex = hexFieldNames.has(name) && typeof value === 'string';
    return isHex ? Buffer.from(value, 'base64').toString('hex') : value;
  });
}
