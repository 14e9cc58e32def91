/** Splits zstd data into its frames; skippable frames (RFC 8878, 3.1.2) are left out. */
import { ZstdWalk } from '../../shared/zstd-walk.ts';

/** The first four bytes of a skippable frame without the lowest four bits, which are free. */
const skippableMagic = 0x184d2a50;
/** The magic, and the length of the content. */
export const skippableHeaderBytes = 8;

/** Returns the length of the skippable frame that `head` begins; undefined if it begins none. */
export function skippableFrameBytes(head: Buffer): number | undefined {
  if (head.length < skippableHeaderBytes) return undefined;
  if ((head.readUInt32LE(0) & ~0xf) >>> 0 !== skippableMagic) return undefined;
  return skippableHeaderBytes + head.readUInt32LE(4);
}

/**
 * Each frame costs about a microsecond here, while other requests wait. Senders that end a frame
 * with each flush stay far below this.
 */
export const frameCountMax = 16_384;

/**
 * Returns views of all frames, in order. Returns undefined if the data is empty, has more than
 * `frameCountMax` frames or does not consist of whole frames.
 */
export function zstdFrames(data: Buffer): Buffer[] | undefined {
  if (data.length === 0) return undefined;
  const frames: Buffer[] = [];
  let frameCount = 0;
  for (let offset = 0; offset < data.length; frameCount++) {
    if (frameCount === frameCountMax) return undefined;
    const rest = data.subarray(offset);
    const skippedBytes = skippableFrameBytes(rest);
    const frameBytes = skippedBytes ?? wholeFrameBytes(rest);
    if (frameBytes === undefined || frameBytes > rest.length) return undefined;
    if (skippedBytes === undefined) frames.push(rest.subarray(0, frameBytes));
    offset += frameBytes;
  }
  return frames;
}

/** Returns the length of the frame at the start of `data`; undefined if it is not a whole one. */
function wholeFrameBytes(data: Buffer): number | undefined {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const walk = new ZstdWalk();
  let offset = 0;
  try {
    while (walk.partBytes > 0) {
      const { partBytes } = walk;
      if (!walk.pass(view, offset)) return undefined;
      offset += partBytes;
    }
    return offset;
  } catch (error) {
    // DataView checks each bound.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
