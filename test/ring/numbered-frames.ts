/** Frames that contain their producer and number. Sender and receiver can make the same frames. */
import { TestRandom } from '../random.ts';

/** The source of the bodies, with the same bytes in every thread. */
const pool = Buffer.from(new TestRandom(1).bytes(32_768));

/** The first bytes of a body: its producer and its number. */
const prefixBytes = 8;

export function prefixOf(producer: number, number: number): Buffer {
  const prefix = Buffer.allocUnsafe(prefixBytes);
  prefix.writeUInt32LE(producer, 0);
  prefix.writeUInt32LE(number, 4);
  return prefix;
}

/** The bytes after the prefix: many lengths and alignments, and sometimes a large one. */
export function restOf(producer: number, number: number, bytesMax: number): Buffer {
  const mixed = Math.imul(number + 1, 0x9e3779b1) ^ Math.imul(producer + 1, 0x85ebca6b);
  const at = (mixed >>> 3) % 4096;
  const bytes = number % 1000 === 999 ? 20_000 : (mixed >>> 16) % bytesMax;
  return pool.subarray(at, at + bytes);
}

export function outcomeOf(producer: number, number: number): number {
  return (producer + number) % 5;
}

/**
 * Returns what is wrong with a body that should be the producer's next; undefined if it is right.
 */
export function findFault(
  body: Buffer,
  producer: number,
  number: number,
  bytesMax: number,
): string | undefined {
  if (body.readUInt32LE(0) !== producer) return 'another producer';
  if (body.readUInt32LE(4) !== number) return `number ${body.readUInt32LE(4)}, not ${number}`;
  if (!body.subarray(prefixBytes).equals(restOf(producer, number, bytesMax))) return 'other bytes';
  return undefined;
}
