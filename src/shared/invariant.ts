/** Checks what is proved to hold, so that a broken proof stops the thread instead of the data. */

/**
 * Throws when a proved fact does not hold. The sentence is constant: a template would be built even
 * when all is well, and cost ten times the check. Never for input, which may be
 * wrong.
 */
export function invariant(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${sentence}`);
}
