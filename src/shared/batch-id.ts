/**
 * A batch id identifies one accepted request in the column `batch_id`: lane x 2^48 + position. The
 * position is the request's ordinal in its lane, starting at 1, and is never used twice.
 */

/** A batch id has 48 bits for the position. */
const positionBits = 48;

/** The greatest position that fits into a batch id. */
export const lanePositionMax = 2 ** positionBits - 1;

/** Returns the batch id of the request at this position of a lane. */
export function toBatchId(lane: number, position: number | bigint): bigint {
  return (BigInt(lane) << BigInt(positionBits)) + BigInt(position);
}

/** Returns the lane that accepted the request with this batch id. */
export function laneOfBatchId(batchId: bigint): number {
  return Number(batchId >> BigInt(positionBits));
}

/** Returns the position in its lane of the request with this batch id. */
export function positionOfBatchId(batchId: bigint): number {
  return Number(BigInt.asUintN(positionBits, batchId));
}
