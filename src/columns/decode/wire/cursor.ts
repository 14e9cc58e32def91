/** The cursor: the address in the frame that is read next, and the reason why reading failed. */

/** What `decode` returns instead of a count of rows. */
export const malformed: i32 = -1;
export const tooDeep: i32 = -2;
export const tooLarge: i32 = -3;

/**
 * The cursor's value after a failure, which is larger than every end. Each loop over the fields of
 * a message runs while the cursor is before the message's end. So one failure ends all of these
 * loops, and no call has to check for it.
 */
export const failedPosition: usize = usize.MAX_VALUE;

export let position: usize = 0;

/** 0, or the code of the first failure in this frame. */
export let failure: i32 = 0;

/**
 * If a known field with another wire type than its own was the reason of the failure: message
 * number x 32 + field number (known-fields.ts); else 0.
 */
export let misplacedField: u32 = 0;

export function startAt(address: usize): void {
  position = address;
  failure = 0;
  misplacedField = 0;
}

/**
 * Moves the cursor to an address that is known to be valid. After a call that may have failed,
 * check `failure` first: this function would hide the failure.
 */
export function moveTo(address: usize): void {
  position = address;
}

/** Ends the reading of this frame because a known field has another wire type than its own. */
export function failMisplaced(message: u32, field: u32): void {
  if (failure === 0) misplacedField = (message << 5) | field;
  fail(malformed);
}

/** Ends the reading of this frame. The first code is kept. */
export function fail(code: i32): void {
  if (failure === 0) failure = code;
  position = failedPosition;
}
