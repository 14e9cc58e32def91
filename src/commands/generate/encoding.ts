/** The shop's messages as OTLP bytes: protobuf, or JSON by OTLP's own mapping. */
import { requestType } from '../../shared/otlp-messages.ts';
import type { Signal } from '../../shared/signal.ts';
import type { ExportRequest } from './export-request.ts';

/** As protobufjs takes 64-bit integers: in two halves. */
interface Halves {
  readonly low: number;
  readonly high: number;
}

/** Fields of 64-bit integers that are numbers here, since no count comes near 2^53. */
const integerNames: ReadonlySet<string> = new Set(['intValue', 'asInt', 'count', 'zeroCount']);

/** What has no time in it, and would be copied for nothing. */
const timelessNames: ReadonlySet<string> = new Set(['attributes', 'resource', 'scope', 'body']);

export function encodeProtobuf(signal: Signal, request: ExportRequest): Uint8Array {
  return requestType(signal)
    .encode(withHalves(request) as object)
    .finish();
}

/** OTLP/JSON writes ids in hex and 64-bit integers as strings. */
export function encodeJson(_signal: Signal, request: ExportRequest): Uint8Array {
  const text = JSON.stringify(request, (name, value: unknown) => {
    if (typeof value === 'bigint' || integerNames.has(name)) return String(value);
    if (name === 'bucketCounts') return (value as number[]).map(String);
    if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
    return value;
  });
  return Buffer.from(text);
}

/** The same message with each time, a bigint, in its halves. */
function withHalves(value: unknown): unknown {
  if (typeof value === 'bigint') return halves(value);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return typeof value[0] === 'object' ? value.map(withHalves) : value;
  const copy: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(value)) {
    copy[name] = timelessNames.has(name) ? part : withHalves(part);
  }
  return copy;
}

function halves(value: bigint): Halves {
  return { low: Number(value & 0xffff_ffffn), high: Number(value >> 32n) };
}
