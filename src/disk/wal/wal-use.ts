/** Reads the frames of one use of a log file and skips damaged bytes between them. */
import { crc32 } from 'node:zlib';
import { frameAlignmentBytes, frameHeaderBytes, frameMagic } from '../../shared/frame.ts';
import type { Signal } from '../../shared/signal.ts';
import { walHeaderBytes } from './wal-format.ts';
import { readFrameHeader, type WalFrameHeader, wholeFrameBytes } from './wal-frame.ts';
import type { WalWindow } from './wal-window.ts';

/** What distinguishes the frames of a use from all other frames in the file. */
export interface WalUse {
  readonly lane: number;
  readonly epoch: number;
  /** Undefined if the file's header is damaged. */
  readonly firstPosition: number | undefined;
}

export interface WalFrame {
  readonly kind: 'frame';
  readonly signal: Signal;
  readonly position: number;
  readonly receivedTimeNs: bigint;
  /** Valid until the next item is requested. */
  readonly body: Uint8Array;
}

/** A frame with a valid header and a damaged body. */
export interface WalBrokenFrame {
  readonly kind: 'broken';
  readonly position: number;
}

/**
 * Bytes that were skipped. damaged: a frame of the same use follows. torn: no frame follows, as
 * when the writer died in the middle of its last group.
 */
export interface WalGap {
  readonly kind: 'damaged' | 'torn';
  readonly offset: number;
  readonly bytes: number;
}

export type WalUseItem = WalFrame | WalBrokenFrame | WalGap;

interface FoundFrame {
  readonly offset: number;
  readonly header: WalFrameHeader;
}

/** Yields the frames of the use in order, until the rest of the file holds no further one. */
export function* readUse(
  window: WalWindow,
  use: WalUse,
): Generator<WalUseItem, undefined, undefined> {
  let offset = walHeaderBytes;
  let expected = use.firstPosition;
  let gapStart: number | undefined;
  for (;;) {
    const found = findFrame(window, use, offset, expected);
    if (found === undefined) break;
    if (found.offset > offset) gapStart ??= offset;
    const body = soundBody(window, found);
    if (gapStart !== undefined) {
      yield { kind: 'damaged', offset: gapStart, bytes: found.offset - gapStart };
      gapStart = undefined;
    }
    const { signal, position, receivedTimeNs } = found.header;
    if (body === undefined) {
      gapStart = found.offset;
      yield { kind: 'broken', position };
    } else {
      yield { kind: 'frame', signal, position, receivedTimeNs, body };
    }
    offset = Math.min(found.offset + wholeFrameBytes(found.header), window.fileBytes);
    expected = position + 1;
  }
  yield* tornEnd(window, gapStart, offset);
}

/** The epoch of the first frame in the file. Used if the file's own header is damaged. */
export function findEpoch(window: WalWindow, lane: number, epochMax: number): number | undefined {
  const isOfLane = (header: WalFrameHeader) => header.lane === lane && header.epoch <= epochMax;
  return searchFrame(window, walHeaderBytes, isOfLane)?.header.epoch;
}

/** The next frame of the use from an offset on. It usually starts right at the offset. */
function findFrame(
  window: WalWindow,
  { lane, epoch }: WalUse,
  offset: number,
  expected: number | undefined,
): FoundFrame | undefined {
  return searchFrame(window, offset, (header, at) => {
    if (header.lane !== lane || header.epoch !== epoch) return false;
    return expected === undefined || canStandAt(header.position, expected, at - offset);
  });
}

/** Positions rise by one, so they can rise only by as many frames as fit into skipped bytes. */
function canStandAt(position: number, expected: number, skippedBytes: number): boolean {
  return position >= expected && position - expected <= skippedBytes / frameHeaderBytes;
}

/** The first valid frame header in the file, of any use. */
export function firstFrame(window: WalWindow): WalFrameHeader | undefined {
  return searchFrame(window, walHeaderBytes, () => true)?.header;
}

function searchFrame(
  window: WalWindow,
  offset: number,
  accepts: (header: WalFrameHeader, at: number) => boolean,
): FoundFrame | undefined {
  let at = offset;
  while (at + frameHeaderBytes <= window.fileBytes) {
    const bytes = window.view(at, frameHeaderBytes);
    if (bytes === undefined) return undefined;
    const header = readFrameHeader(bytes);
    if (header !== undefined && accepts(header, at)) return { offset: at, header };
    at = window.find(frameMagic, at + frameAlignmentBytes);
    if (at === -1) return undefined;
  }
  return undefined;
}

/** The body; undefined if its checksum is wrong or the file ends before it does. */
function soundBody(window: WalWindow, { offset, header }: FoundFrame): Uint8Array | undefined {
  const body = window.view(offset + frameHeaderBytes, header.bodyBytes);
  return body !== undefined && crc32(body) === header.bodyCrc32 ? body : undefined;
}

/** Reports a broken last frame or half a header. Remains of earlier uses are no fault. */
function* tornEnd(
  window: WalWindow,
  gapStart: number | undefined,
  end: number,
): Generator<WalGap, undefined, undefined> {
  if (gapStart !== undefined) {
    yield { kind: 'torn', offset: gapStart, bytes: end - gapStart };
    return;
  }
  const bytes = Math.min(frameHeaderBytes, window.fileBytes - end);
  const rest = window.view(end, bytes);
  if (rest === undefined || !beginsLikeFrame(rest) || readFrameHeader(rest) !== undefined) return;
  yield { kind: 'torn', offset: end, bytes };
}

function beginsLikeFrame(bytes: Uint8Array): boolean {
  if (bytes.byteLength < Uint32Array.BYTES_PER_ELEMENT) return false;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === frameMagic;
}
