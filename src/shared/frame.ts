/**
 * The frame: one OTLP request with its header, the same bytes in the ring and in the log.
 *
 *     0      4      8      12     13    14   16         24       32    36      40
 *     ┌──────┬──────┬──────┬──────┬─────┬────┬──────────┬────────┬─────┬───────┬──────
 *     │magic │body  │body  │signal│flags│lane│received  │position│epoch│crc32  │body …
 *     │"AFR1"│bytes │crc32 │ u8   │ u8  │u16 │unix ns   │  u64   │ u32 │of 0-36│
 *     └──────┴──────┴──────┴──────┴─────┴────┴──────────┴────────┴─────┴───────┴──────
 *
 * All numbers are little-endian. The body is padded with zeros to the next multiple of 8 bytes.
 *
 * 1. The producer writes everything but lane, position, epoch and the header's crc32, which it
 *    leaves 0.
 * 2. The lane writes those four when it accepts the frame; a refused frame never gets a position.
 * 3. A frame starts at a multiple of 8 bytes.
 */

export const frameHeaderBytes = 40;
export const frameAlignmentBytes = 8;

/** "AFR1", read as a little-endian u32. */
export const frameMagic = 0x31524641;

/** Where each field of the header starts, in bytes. */
export const frameField = {
  magic: 0,
  bodyBytes: 4,
  bodyCrc32: 8,
  signal: 12,
  flags: 13,
  lane: 14,
  receivedTime: 16,
  position: 24,
  epoch: 32,
  headerCrc32: 36,
} as const;

/** Returns the bytes that a frame takes: header, body and padding. */
export function frameBytes(bodyBytes: number): number {
  return Math.ceil((frameHeaderBytes + bodyBytes) / frameAlignmentBytes) * frameAlignmentBytes;
}
