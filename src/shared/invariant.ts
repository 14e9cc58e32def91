/**
 * Checks facts that the code guarantees. If one is false, the thread stops before it harms data.
 */

/**
 * Throws if the condition is false. The sentence must be constant: a template would be built even
 * when the condition holds, and cost ten times as much as the check. Input is never checked with
 * it, because input may be wrong.
 */
export function invariant(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${sentence}`);
}
