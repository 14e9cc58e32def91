/** What a file of zstd frames stands for, frame by frame. */
import { inflateZstd } from '../../accept/body/zstd-body.ts';
import { skippableFrameBytes, skippableHeaderBytes } from '../../accept/body/zstd-frames.ts';
import { byteCountText } from '../../config/units.ts';
import { ZstdWalk, zstdMagic } from '../../shared/zstd-walk.ts';
import { type ByteReader, UnreadableContent } from './byte-reader.ts';

/** A frame is held whole, before and after: what reads zstd here knows no other way. */
const frameBytesMax = 256 * 1024 * 1024;

const magicBytes = 4;

export function isZstd(head: Buffer): boolean {
  return head.length >= magicBytes && head.readUInt32LE(0) === zstdMagic;
}

/** Throws UnreadableContent where it ends, or is no zstd, or stands for too much at a time. */
export async function* zstdContent(
  reader: ByteReader,
): AsyncGenerator<Uint8Array, undefined, undefined> {
  for (;;) {
    const head = await reader.peek(skippableHeaderBytes);
    if (head.length === 0) return;
    const skippedBytes = skippableFrameBytes(head);
    if (skippedBytes !== undefined) await reader.take(skippedBytes);
    else if (isZstd(head)) yield await inflate(await takeFrame(reader));
    else throw new UnreadableContent('what follows is no zstd');
  }
}

async function inflate(frame: Buffer): Promise<Uint8Array> {
  const content = await inflateZstd(frame, frameBytesMax);
  if (content.kind === 'body') return content.bytes;
  throw content.kind === 'too_large' ? tooLarge() : new UnreadableContent(content.reason);
}

/** Takes one frame from the reader, by the lengths in its headers. */
async function takeFrame(reader: ByteReader): Promise<Buffer> {
  const walk = new ZstdWalk();
  const parts: Buffer[] = [];
  let byteCount = 0;
  while (walk.partBytes > 0) {
    const part = await reader.take(walk.partBytes);
    if (part.length < walk.partBytes) throw new UnreadableContent('its zstd frame is torn');
    byteCount += part.length;
    if (byteCount > frameBytesMax) throw tooLarge();
    parts.push(part);
    const view = new DataView(part.buffer, part.byteOffset, part.length);
    if (!walk.pass(view, 0)) throw new UnreadableContent('its zstd frame is damaged');
  }
  return Buffer.concat(parts);
}

function tooLarge(): UnreadableContent {
  const size = byteCountText(frameBytesMax);
  return new UnreadableContent(
    `its zstd frame stands for more than ${size}: zstd -dc FILE | archer import -`,
  );
}
