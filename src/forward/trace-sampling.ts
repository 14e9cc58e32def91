/**
 * Decides which traces a destination gets, by OpenTelemetry's consistent probability sampling. All
 * samplers with this rule keep the same traces, and keep them completely.
 */

/** Randomness and thresholds have 56 bits. */
const randomnessBits = 56n;
const randomnessHexDigits = 14;
const randomnessValues = 2n ** randomnessBits;

/** W3C trace ids have 16 bytes, of which the last 7 are random. */
const traceIdBytes = 16;

const otherVendor = ',';
const explicitRandomness = /^rv:([0-9a-f]{14})$/;

/** Returns true if the trace is kept. */
export type KeepTrace = (traceId: Uint8Array, traceState: string) => boolean;

/**
 * Keeps this share of all traces, from 0 to 1. A record without a trace id of 16 bytes is kept,
 * because it belongs to no trace.
 */
export function traceSampling(ratio: number): KeepTrace {
  const threshold = randomnessValues - BigInt(Math.round(ratio * Number(randomnessValues)));
  return (traceId, traceState) => {
    if (traceId.length !== traceIdBytes) return true;
    return randomnessOf(traceId, traceState) >= threshold;
  };
}

/** Returns the randomness that the trace state gives, or else the last 7 bytes of the id. */
function randomnessOf(traceId: Uint8Array, traceState: string): bigint {
  const digits = statedRandomness(traceState) ?? lastDigits(traceId);
  return BigInt(`0x${digits}`);
}

function lastDigits(traceId: Uint8Array): string {
  const { buffer, byteOffset, byteLength } = traceId;
  return Buffer.from(buffer, byteOffset, byteLength).toString('hex').slice(-randomnessHexDigits);
}

/** Finds `rv` in `ot=th:8;rv:6e6d1a75832a2f` among the members of other vendors. */
function statedRandomness(traceState: string): string | undefined {
  if (!traceState.includes('rv:')) return undefined;
  const members = traceState.split(otherVendor).map((member) => member.trim());
  const ours = members.find((member) => member.startsWith('ot='));
  const fields = ours?.slice('ot='.length).split(';') ?? [];
  return fields.map((field) => explicitRandomness.exec(field)?.[1]).find((digits) => digits);
}
