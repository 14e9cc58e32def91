/** Decodes a frame into the columns, under the batch_id that its position gives it. */
import type { RequestDecoder } from '../columns/request-decoder.ts';
import type { Signal } from '../shared/signal.ts';

/** `batch_id` is lane x 2^48 + position. */
const batchIdsPerLane = 2n ** 48n;

/** Its body lies in the decoder's memory, with 16 bytes of any content behind it. */
export interface DecodedFrame {
  readonly signal: Signal;
  readonly receivedTimeNs: bigint;
  readonly bodyAddress: number;
  readonly bodyBytes: number;
}

export class FrameDecoder {
  readonly #decoder: RequestDecoder;
  readonly #firstBatchId: bigint;
  readonly #batchBytesMax: number;

  constructor(decoder: RequestDecoder, lane: number, batchBytesMax: number) {
    this.#decoder = decoder;
    this.#firstBatchId = BigInt(lane) * batchIdsPerLane;
    this.#batchBytesMax = batchBytesMax;
  }

  /** How many rows were added, or a `decodeResult`, and then the columns are as before. */
  decode(
    { signal, bodyAddress, bodyBytes, receivedTimeNs }: DecodedFrame,
    position: number,
    limit = this.#batchBytesMax,
  ): number {
    const batchId = this.#firstBatchId + BigInt(position);
    return this.#decoder.decode(signal, bodyAddress, bodyBytes, receivedTimeNs, batchId, limit);
  }
}
