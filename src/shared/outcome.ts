/** The outcome of a frame, which the lane reports to the receiver as a number in a result slot. */
import { type Signal, signals } from './signal.ts';

/**
 * accepted: the guarantee of `durability` holds. malformed: the body is not a valid protobuf
 * message. too_deep: values are nested deeper than 64 levels. too_large: the request alone exceeds
 * batch.max_bytes. unavailable: the request cannot be written now and may be sent again.
 */
export const outcomes = ['accepted', 'malformed', 'too_deep', 'too_large', 'unavailable'] as const;

/** A malformed request about which the lane has found more details. */
export interface MalformedRequest {
  readonly kind: 'malformed';
  /** The known field with a wrong wire type, for `fieldName` of misplaced-field.ts; 0 if none. */
  readonly misplacedField: number;
  /** The signal of which the body is a valid request, if it is one of exactly one other signal. */
  readonly belongsTo?: Signal;
}

export type Outcome = (typeof outcomes)[number] | MalformedRequest;

/*
 *     bit  0            3                 5                 15
 *          ┌────────────┬─────────────────┬─────────────────┐
 *          │ outcome    │ belongsTo       │ misplaced field │
 *          └────────────┴─────────────────┴─────────────────┘
 *
 * `belongsTo` is 1 + the signal's number; 0 if it is undefined.
 */
const outcomeMask = 7;
const signalShift = 3;
const signalMask = 3;
const fieldShift = 5;

/** Returns the number that a result slot of 16 bits stores for an outcome. */
export function outcomeNumber(outcome: Outcome): number {
  if (typeof outcome === 'string') return outcomes.indexOf(outcome);
  const { misplacedField, belongsTo } = outcome;
  const signal = belongsTo === undefined ? 0 : 1 + signals.indexOf(belongsTo);
  return outcomes.indexOf('malformed') | (signal << signalShift) | (misplacedField << fieldShift);
}

/** Returns the outcome that a result slot stores. */
export function outcomeOfNumber(number: number): Outcome {
  const outcome = outcomes[number & outcomeMask]!;
  const misplacedField = number >>> fieldShift;
  const belongsTo = signals[((number >>> signalShift) & signalMask) - 1];
  if (misplacedField === 0 && belongsTo === undefined) return outcome;
  return { kind: 'malformed', misplacedField, ...(belongsTo && { belongsTo }) };
}
