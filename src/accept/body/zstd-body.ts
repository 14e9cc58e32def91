/** Inflates a whole zstd body, off the thread that receives. */
import { createRequire } from 'node:module';
import { zstdBytesMax } from '../../shared/zstd-frame.ts';
import type { BodyLimits } from './body-limits.ts';

/*
 * Node's own streams, there from 22.15 on, take a frame for all that there is, and until Node 24
 * one that is cut off for a whole one.
 */

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
  return refusalOf(frame, bytesMax) ?? decode(frame, bytesMax);
}

/** What the frame may stand for is reserved meanwhile, as many may come at once. */
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

/** Of what is not worth decoding. */
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

/** Loaded when the first body needs it. */
function openDecoder() {
  const { Decoder } = createRequire(import.meta.url)(
    '@toondepauw/node-zstd',
  ) as typeof import('@toondepauw/node-zstd');
  return new Decoder();
}
