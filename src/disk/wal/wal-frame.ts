/** The header of a frame as it lies in a log: told from any other bytes, and read. */
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
  /** Not bounded yet: up to 2^32 - 1. */
  readonly bodyBytes: number;
  readonly bodyCrc32: number;
}

/** What the first 40 bytes say, if they are the header of a frame that a lane accepted. */
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

/** Header, body and padding. */
export function wholeFrameBytes({ bodyBytes }: WalFrameHeader): number {
  return frameBytes(bodyBytes);
}

/** As two words, since a BigInt would cost as much as the rest. */
function readPosition(view: DataView): number {
  const high = view.getUint32(frameField.position + 4, true);
  return high * 2 ** 32 + view.getUint32(frameField.position, true);
}
