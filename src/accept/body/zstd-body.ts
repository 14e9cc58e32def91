/** Inflates a whole zstd body in a thread of the native decoder. */
import { createRequire } from 'node:module';
import { zstdBytesMax } from '../../shared/zstd-frame.ts';
import type { BodyLimits } from './body-limits.ts';

/*
 * Node's own zstd streams, which exist from 22.15 on, ignore everything behind the first frame, and
 * before Node 24 they accept a truncated frame as a whole one.
 */

/**
 * The decoder has no size limit, so a body is refused beforehand if its block headers allow more
 * than this many times the largest request. The factor is for senders that flush often: they end
 * blocks early, and each block counts as up to 128 KiB.
 */
const seemingFactor = 4;

export type ZstdBody =
  | { readonly kind: 'body'; readonly bytes: Uint8Array }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'malformed'; readonly reason: string };

/** Takes one frame. Never rejects. */
export async function inflateZstd(frame: Buffer, bytesMax: number): Promise<ZstdBody> {
  return refusalOf(frame, bytesMax) ?? decode(frame, bytesMax);
}

/** Reserves the size that the frame may inflate to while it is inflated. */
export async function inflateZstdWithin(
  frame: Buffer,
  { requestBytesMax, budget }: BodyLimits,
): Promise<ZstdBody | { readonly kind: 'no_room' }> {
  const refusal = refusalOf(frame, requestBytesMax);
  if (refusal !== undefined) return refusal;
  const reservedBytes = Math.min(zstdBytesMax(frame) ?? 0, requestBytesMax);
  if (!budget.reserve(reservedBytes)) return { kind: 'no_room' };
  const body = await decode(frame, requestBytesMax);
  budget.release(reservedBytes);
  return body;
}

/** Returns the refusal of a frame that need not be decoded; undefined if it must be. */
function refusalOf(frame: Buffer, bytesMax: number): ZstdBody | undefined {
  const seemingBytes = zstdBytesMax(frame);
  if (seemingBytes === undefined) {
    return { kind: 'malformed', reason: 'its zstd data is not one whole frame' };
  }
  return seemingBytes > seemingFactor * bytesMax ? { kind: 'too_large' } : undefined;
}

async function decode(frame: Buffer, bytesMax: number): Promise<ZstdBody> {
  try {
    const bytes = await openDecoder().decode(frame);
    return bytes.byteLength > bytesMax ? { kind: 'too_large' } : { kind: 'body', bytes };
  } catch (error) {
    const { message } = error as Error;
    return { kind: 'malformed', reason: `its zstd data cannot be read (${message})` };
  }
}

/** The package is loaded when the first body needs it. */
function openDecoder() {
  const { Decoder } = createRequire(import.meta.url)(
    '@toondepauw/node-zstd',
  ) as typeof import('@toondepauw/node-zstd');
  return new Decoder();
}
