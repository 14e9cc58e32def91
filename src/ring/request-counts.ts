/** The counts of answered requests by signal, transport and code, written by all receivers. */
import { invariant } from '../shared/invariant.ts';
import { type Signal, signals } from '../shared/signal.ts';

/** The codes that a receiver of each transport answers with: HTTP statuses, gRPC codes. */
const codes = {
  http: [200, 400, 401, 403, 404, 405, 408, 413, 415, 429, 500, 503],
  grpc: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
} as const;

export type Transport = keyof typeof codes;

const transports = Object.keys(codes) as Transport[];

/** `unknown` counts requests whose path or method belongs to no signal. */
export type CountedSignal = Signal | 'unknown';

const countedSignals: readonly CountedSignal[] = [...signals, 'unknown'];

/** There is one count for each key; the index of the key is its place in the buffer. */
const keys = countedSignals.flatMap((signal) =>
  transports.flatMap((transport) => codes[transport].map((code) => ({ signal, transport, code }))),
);

export interface RequestCount {
  readonly signal: CountedSignal;
  readonly transport: Transport;
  /** An HTTP status or a gRPC code. */
  readonly code: number;
  readonly count: number;
}

/** Creates the buffer with all counts 0. The main thread calls it. */
export function createRequestCounts(): SharedArrayBuffer {
  return new SharedArrayBuffer(keys.length * BigInt64Array.BYTES_PER_ELEMENT);
}

/** Adds to the counts. Any number of receivers may write at the same time. */
export class RequestCounter {
  readonly #counts: BigInt64Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#counts = new BigInt64Array(buffer);
  }

  add(signal: CountedSignal, transport: Transport, code: number): void {
    const place = keys.findIndex(
      (key) => key.signal === signal && key.transport === transport && key.code === code,
    );
    invariant(place >= 0, 'receivers answer only with the codes listed here');
    // Loses no count when several receivers add at the same moment. It orders no other memory.
    Atomics.add(this.#counts, place, 1n);
  }
}

/** Returns the counts above 0. */
export function readRequestCounts(buffer: SharedArrayBuffer): readonly RequestCount[] {
  const counts = new BigInt64Array(buffer);
  return keys.flatMap((key, place) => {
    // Each count is complete but may be slightly old. Different counts may be from different
    // moments.
    const count = Number(Atomics.load(counts, place));
    return count > 0 ? [{ ...key, count }] : [];
  });
}
