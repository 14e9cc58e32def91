/** Inflates a whole zstd body, for a Node whose zlib cannot; off the thread that receives. */
import { createRequire } from 'node:module';
import { zstdBytesMax } from '../shared/zstd-frame.ts';

/**
 * The package knows no limit: what may stand for so many times the largest request is not given to
 * it. A sender that flushes often ends blocks early, and each still counts for 128 KiB here.
 */
const seemingFactor = 4;

export type ZstdBody =
  | { readonly kind: 'body'; readonly bytes: Uint8Array }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'malformed'; readonly reason: string };

/** Of one frame; never rejects. */
export async function inflateZstd(frame: Buffer, bytesMax: number): Promise<ZstdBody> {
  const seemingBytes = zstdBytesMax(frame);
  if (seemingBytes === undefined) {
    return { kind: 'malformed', reason: 'its zstd data is not one whole frame' };
  }
  if (seemingBytes > seemingFactor * bytesMax) return { kind: 'too_large' };
  try {
    const bytes = await openDecoder().decode(frame);
    return bytes.byteLength > bytesMax ? { kind: 'too_large' } : { kind: 'body', bytes };
  } catch (error) {
    const { message } = error as Error;
    return { kind: 'malformed', reason: `its zstd data cannot be read (${message})` };
  }
}

/** Loaded when the first body needs it. */
function openDecoder() {
  const { Decoder } = createRequire(import.meta.url)(
    '@toondepauw/node-zstd',
  ) as typeof import('@toondepauw/node-zstd');
  return new Decoder();
}
