/** Removes the records of unsampled traces from a request; other bytes stay unchanged. */
import protobuf from 'protobufjs';
import type { Signal } from '../shared/signal.ts';
import type { KeepTrace } from './trace-sampling.ts';

export interface SampledRequest {
  /** Undefined if no record is left, and then nothing is sent. */
  readonly bytes: Uint8Array | undefined;
  readonly keptCount: number;
  readonly droppedCount: number;
}

/** The protobuf fields of trace id and trace state in a record; logs have no trace state. */
interface TraceFields {
  readonly traceId: number;
  readonly traceState: number | undefined;
}

const traceFields: Readonly<Partial<Record<Signal, TraceFields>>> = {
  traces: { traceId: 1, traceState: 3 },
  logs: { traceId: 9, traceState: undefined },
};

/** The field with the next level: resource groups, then scope groups, then records. */
const groupFields = [1, 2, 2] as const;

const bytesType = 2;

/**
 * Keeps metrics completely, because data points belong to no trace. Throws if the bytes are not
 * protobuf, which archived requests always are.
 */
export function sampleRequest(signal: Signal, bytes: Uint8Array, keep: KeepTrace): SampledRequest {
  const fields = traceFields[signal];
  if (fields === undefined) return { bytes, keptCount: 0, droppedCount: 0 };
  const sampling = new Sampling(fields, keep);
  const rest = sampling.filter(bytes, 0);
  const { keptCount, droppedCount } = sampling;
  // If nothing was removed, exactly the original bytes are sent.
  return { bytes: droppedCount === 0 ? bytes : rest, keptCount, droppedCount };
}

class Sampling {
  readonly #fields: TraceFields;
  readonly #keep: KeepTrace;
  keptCount = 0;
  droppedCount = 0;

  constructor(fields: TraceFields, keep: KeepTrace) {
    this.#fields = fields;
    this.#keep = keep;
  }

  /** Returns the message without empty groups; undefined if no group or record is left. */
  filter(message: Uint8Array, level: number): Uint8Array | undefined {
    const groupField = groupFields[level];
    if (groupField === undefined) return this.#isKept(message) ? message : undefined;
    const reader = protobuf.Reader.create(message);
    const parts: Uint8Array[] = [];
    let groupCount = 0;
    while (reader.pos < reader.len) {
      const start = reader.pos;
      const tag = reader.uint32();
      if (tag !== ((groupField << 3) | bytesType)) {
        reader.skipType(tag & 7);
        parts.push(message.subarray(start, reader.pos));
        continue;
      }
      const rest = this.filter(reader.bytes(), level + 1);
      if (rest === undefined) continue;
      groupCount += 1;
      parts.push(protobuf.Writer.create().uint32(tag).bytes(rest).finish());
    }
    return groupCount === 0 ? undefined : Buffer.concat(parts);
  }

  #isKept(record: Uint8Array): boolean {
    const { traceId, traceState } = this.#readTrace(record);
    const isKept = traceId.length === 0 || this.#keep(traceId, traceState);
    if (isKept) this.keptCount += 1;
    else this.droppedCount += 1;
    return isKept;
  }

  /** If a field is repeated, protobuf's rule applies: the last one counts. */
  #readTrace(record: Uint8Array): { traceId: Uint8Array; traceState: string } {
    const reader = protobuf.Reader.create(record);
    let traceId: Uint8Array = new Uint8Array(0);
    let traceState = '';
    const { traceState: stateField = 0 } = this.#fields;
    const stateTag = (stateField << 3) | bytesType;
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (tag === ((this.#fields.traceId << 3) | bytesType)) traceId = reader.bytes();
      else if (tag === stateTag) traceState = reader.string();
      else reader.skipType(tag & 7);
    }
    return { traceId, traceState };
  }
}
