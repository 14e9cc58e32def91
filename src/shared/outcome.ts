/** The outcome of a frame, which the lane reports to the receiver as a number in a result slot. */

/**
 * accepted: the guarantee of `durability` holds. malformed: the body is not a valid protobuf
 * message. too_deep: values are nested deeper than 64 levels. too_large: the request alone exceeds
 * batch.max_bytes. unavailable: the request cannot be written now and may be sent again.
 */
export const outcomes = ['accepted', 'malformed', 'too_deep', 'too_large', 'unavailable'] as const;

export type Outcome = (typeof outcomes)[number];

/** The number a result slot stores for an outcome. */
export function outcomeNumber(outcome: Outcome): number {
  return outcomes.indexOf(outcome);
}
