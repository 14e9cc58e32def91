/** Compares secrets in a time that does not depend on how much of a guess is right. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** Digests all have 32 bytes, so comparing them does not reveal the length of a secret either. */
export function secretDigest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** True if both digests are equal; takes the same time whether they are or not. */
export function isSameDigest(known: Buffer, given: Buffer): boolean {
  return timingSafeEqual(known, given);
}
