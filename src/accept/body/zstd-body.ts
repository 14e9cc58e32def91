/** Inflates a whole zstd body in a thread of the native decoder. */
import { createRequire } from 'node:module';
import { zstdBytesMax } from '../../shared/zstd-frame.ts';
import type { BodyLimits } from './body-limits.ts';
import { zstdFrames } from './zstd-frames.ts';

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

/** Takes one or more frames. Never rejects. */
export async function inflateZstd(data: Buffer, bytesMax: number): Promise<ZstdBody> {
  const plan = planInflate(data, bytesMax);
  return plan.kind === 'decode' ? decode(data, bytesMax) : plan;
}

/** Reserves the size that the body may inflate to while it is inflated. */
export async function inflateZstdWithin(
  data: Buffer,
  { requestBytesMax, budget }: BodyLimits,
): Promise<ZstdBody | { readonly kind: 'no_room' }> {
  const plan = planInflate(data, requestBytesMax);
  if (plan.kind !== 'decode') return plan;
  const reservedBytes = Math.min(plan.seemingBytes, requestBytesMax);
  if (!budget.reserve(reservedBytes)) return { kind: 'no_room' };
  const body = await decode(data, requestBytesMax);
  budget.release(reservedBytes);
  return body;
}

type InflatePlan =
  | Exclude<ZstdBody, { readonly kind: 'body' }>
  /** `seemingBytes` is an upper bound of the size after inflating. */
  | { readonly kind: 'decode'; readonly seemingBytes: number };

function planInflate(data: Buffer, bytesMax: number): InflatePlan {
  const frames = zstdFrames(data);
  if (frames === undefined) {
    return { kind: 'malformed', reason: 'its zstd data does not consist of whole frames' };
  }
  const seemingBytes = frames.reduce((sum, frame) => sum + (zstdBytesMax(frame) ?? 0), 0);
  if (seemingBytes > seemingFactor * bytesMax) return { kind: 'too_large' };
  return { kind: 'decode', seemingBytes };
}

/** The decoder puts the contents of all frames together and passes over skippable frames. */
async function decode(data: Buffer, bytesMax: number): Promise<ZstdBody> {
  try {
    const bytes = await openDecoder().decode(data);
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
