/** Recognizes and reads the header of a frame in a log. */
import { crc32 } from 'node:zlib';
import { lanePositionMax } from '../../shared/batch-id.ts';
import { frameBytes, frameField, frameHeaderBytes, frameMagic } from '../../shared/frame.ts';
import { type Signal, signals } from '../../shared/signal.ts';

export interface WalFrameHeader {
  readonly signal: Signal;
  readonly lane: number;
  readonly epoch: number;
  readonly position: number;
  readonly receivedTimeNs: bigint;
  /** Not yet checked against the file: up to 2^32 - 1. */
  readonly bodyBytes: number;
  readonly bodyCrc32: number;
}

/** Reads the first 40 bytes; undefined if they are not the header of a frame that was accepted. */
export function readFrameHeader(bytes: Uint8Array): WalFrameHeader | undefined {
  if (bytes.byteLength < frameHeaderBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, frameHeaderBytes);
  if (view.getUint32(frameField.magic, true) !== frameMagic) return undefined;
  const checksum = view.getUint32(frameField.headerCrc32, true);
  if (checksum !== crc32(bytes.subarray(0, frameField.headerCrc32))) return undefined;
  const signal = signals[view.getUint8(frameField.signal)];
  const position = readPosition(view);
  if (signal === undefined || position < 1 || position > lanePositionMax) return undefined;
  return {
    signal,
    lane: view.getUint16(frameField.lane, true),
    epoch: view.getUint32(frameField.epoch, true),
    position,
    receivedTimeNs: view.getBigUint64(frameField.receivedTime, true),
    bodyBytes: view.getUint32(frameField.bodyBytes, true),
    bodyCrc32: view.getUint32(frameField.bodyCrc32, true),
  };
}

/** Length of header, body and padding. */
export function wholeFrameBytes({ bodyBytes }: WalFrameHeader): number {
  return frameBytes(bodyBytes);
}

/** Reads two words, because a BigInt would cost as much as the rest of the header. */
function readPosition(view: DataView): number {
  const high = view.getUint32(frameField.position + 4, true);
  return high * 2 ** 32 + view.getUint32(frameField.position, true);
}
