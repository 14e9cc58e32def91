/** What a file of zstd frames stands for, frame by frame. */
import { inflateZstd } from '../../accept/body/zstd-body.ts';
import { byteCountText } from '../../config/units.ts';
import { zstdHeaderBytes } from '../../shared/zstd-frame.ts';
import { type ByteReader, UnreadableContent } from './byte-reader.ts';

/** A frame is held whole, before and after: what reads zstd here knows no other way. */
const frameBytesMax = 256 * 1024 * 1024;

const magic = 0xfd2fb528;
const magicBytes = 4;
/** Of a frame with something else in it: sixteen magic numbers that differ in their last digit. */
const skippableMagic = 0x184d2a50;

const blockHeaderBytes = 3;
const blockBytesMax = 128 * 1024;
const repeatedBlock = 1;
const checksumBytes = 4;

export function isZstd(head: Buffer): boolean {
  return head.length >= magicBytes && head.readUInt32LE(0) === magic;
}

/** Throws UnreadableContent where it ends, or is no zstd, or stands for too much at a time. */
export async function* zstdContent(
  reader: ByteReader,
): AsyncGenerator<Uint8Array, undefined, undefined> {
  for (;;) {
    const head = await reader.peek(2 * magicBytes);
    if (head.length === 0) return;
    if (isSkippable(head)) await reader.take(2 * magicBytes + head.readUInt32LE(magicBytes));
    else if (isZstd(head)) yield await inflate(await takeFrame(reader));
    else throw new UnreadableContent('what follows is no zstd');
  }
}

function isSkippable(head: Buffer): boolean {
  const isWhole = head.length === 2 * magicBytes;
  return isWhole && (head.readUInt32LE(0) & ~0xf) >>> 0 === skippableMagic;
}

async function inflate(frame: Buffer): Promise<Uint8Array> {
  const content = await inflateZstd(frame, frameBytesMax);
  if (content.kind === 'body') return content.bytes;
  throw content.kind === 'too_large' ? tooLarge() : new UnreadableContent(content.reason);
}

/** By the lengths that stand in its headers. */
async function takeFrame(reader: ByteReader): Promise<Buffer> {
  const parts: Buffer[] = [];
  let byteCount = 0;
  const take = async (count: number) => {
    const part = await reader.take(count);
    if (part.length < count) throw new UnreadableContent('its zstd frame is torn');
    byteCount += count;
    if (byteCount > frameBytesMax) throw tooLarge();
    parts.push(part);
    return part;
  };
  const descriptor = (await take(magicBytes + 1)).readUInt8(magicBytes);
  await take(zstdHeaderBytes(descriptor) - magicBytes - 1);
  for (let isLast = false; !isLast; ) {
    const header = (await take(blockHeaderBytes)).readUIntLE(0, blockHeaderBytes);
    isLast = (header & 1) !== 0;
    const isRepeated = ((header >> 1) & 3) === repeatedBlock;
    const contentBytes = header >> 3;
    if (contentBytes > blockBytesMax) throw new UnreadableContent('its zstd frame is damaged');
    await take(isRepeated ? 1 : contentBytes);
  }
  if ((descriptor & 4) !== 0) await take(checksumBytes);
  return Buffer.concat(parts);
}

function tooLarge(): UnreadableContent {
  const size = byteCountText(frameBytesMax);
  return new UnreadableContent(
    `its zstd frame stands for more than ${size}: zstd -dc FILE | archer import -`,
  );
}
