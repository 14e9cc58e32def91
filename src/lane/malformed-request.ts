/** Finds out why a request is malformed: which field, and which signal it probably belongs to. */
import type { RequestDecoder } from '../columns/request-decoder.ts';
import type { MalformedRequest } from '../shared/outcome.ts';
import { type Signal, signalNumber, signals } from '../shared/signal.ts';

type TrialDecoder = Pick<
  RequestDecoder,
  'decode' | 'misplacedField' | 'irregularRequestCount' | 'rows' | 'truncate'
>;

export interface RefusedFrame {
  readonly signal: Signal;
  /** Where the body lies in the decoder's memory. */
  readonly bodyAddress: number;
  readonly bodyBytes: number;
}

/**
 * Call this directly after the decoder has refused the frame as malformed. It decodes the body as a
 * request of each other signal and removes the rows again, so the columns stay as they were.
 */
export function explainMalformed(
  decoder: TrialDecoder,
  frame: RefusedFrame,
  batchBytesMax: number,
): MalformedRequest {
  const misplacedField = decoder.misplacedField();
  const candidates = signals.filter((signal) => {
    return signal !== frame.signal && isRequestOf(decoder, signal, frame, batchBytesMax);
  });
  const [belongsTo] = candidates;
  const isCertain = candidates.length === 1;
  return { kind: 'malformed', misplacedField, ...(isCertain && belongsTo && { belongsTo }) };
}

/** True if the body has rows of the signal, and nothing that its columns cannot represent. */
function isRequestOf(
  decoder: TrialDecoder,
  signal: Signal,
  { bodyAddress, bodyBytes }: RefusedFrame,
  batchBytesMax: number,
): boolean {
  const number = signalNumber(signal);
  const rowsBefore = decoder.rows(number);
  const irregularBefore = decoder.irregularRequestCount();
  const rows = decoder.decode(number, bodyAddress, bodyBytes, 0n, 0n, batchBytesMax);
  if (rows <= 0) return false;
  decoder.truncate(number, rowsBefore);
  return decoder.irregularRequestCount() === irregularBefore;
}
