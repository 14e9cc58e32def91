/** The place in the frame that is read next, and why reading stopped if it did. */

/** What `decode` gives back instead of a count of rows. */
export const malformed: i32 = -1;
export const tooDeep: i32 = -2;
export const tooLarge: i32 = -3;

/**
 * Where the cursor stands after a failure: behind every end. Each loop over a message's fields runs
 * while the cursor is before the message's end, so one failure ends all of them, without a check
 * at each return.
 */
export const failedPosition: usize = usize.MAX_VALUE;

export let position: usize = 0;

/** 0, or the code of the first failure. */
export let failure: i32 = 0;

export function startAt(address: usize): void {
  position = address;
  failure = 0;
}

/** Goes to a place known to be good. Never after something that may have failed without a look. */
export function moveTo(address: usize): void {
  position = address;
}

/** Ends the reading of this frame. The first reason stands. */
export function fail(code: i32): void {
  if (failure === 0) failure = code;
  position = failedPosition;
}
