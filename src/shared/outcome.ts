/** What became of a frame, as the lane tells its receiver: a number in a result slot. */

/**
 * accepted: what `durability` promises holds. malformed: not the protobuf message it should be.
 * too_deep: values nested deeper than 64 levels. too_large: alone more than batch.max_bytes.
 * unavailable: it could not be written now and may be sent again.
 */
export const outcomes = ['accepted', 'malformed', 'too_deep', 'too_large', 'unavailable'] as const;

export type Outcome = (typeof outcomes)[number];

/** The number a result slot stores for an outcome. */
export function outcomeNumber(outcome: Outcome): number {
  return outcomes.indexOf(outcome);
}
