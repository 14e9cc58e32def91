/** A small log of a lane, for tests that create frames, append them and read them back. */
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Storage } from '../../src/disk/storage.ts';
import { readWal, type WalEnd, type WalItem } from '../../src/disk/wal/wal-reader.ts';
import { WalWriter, type WalWriterOptions } from '../../src/disk/wal/wal-writer.ts';
import { frameBytes, frameField, frameHeaderBytes, frameMagic } from '../../src/shared/frame.ts';

export const recorderId = '0f8fad5b-d9cb-469f-a165-70867728950e';
export const otherRecorderId = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
export const owner = { recorderId, lane: 3 } as const;

/** The log has eight files, each of one page. */
export const smallestWalBytes = 8 * 4096;

export interface FrameFields {
  readonly position: number;
  readonly epoch: number;
  readonly lane?: number;
  readonly signalNumber?: number;
  /** The body length stated in the header, if it differs from the real one. */
  readonly claimedBytes?: number;
}

/** Returns a frame as a lane has stamped it. */
export function stampedFrame(body: Uint8Array, fields: FrameFields): Uint8Array {
  const { position, epoch, lane = owner.lane, signalNumber = 0 } = fields;
  const { claimedBytes = body.byteLength } = fields;
  const frame = new Uint8Array(new SharedArrayBuffer(frameBytes(body.byteLength)));
  const header = new DataView(frame.buffer);
  header.setUint32(frameField.magic, frameMagic, true);
  header.setUint32(frameField.bodyBytes, claimedBytes, true);
  header.setUint32(frameField.bodyCrc32, crc32(body), true);
  header.setUint8(frameField.signal, signalNumber);
  header.setUint16(frameField.lane, lane, true);
  header.setBigUint64(frameField.receivedTime, 1_000_000n + BigInt(position), true);
  header.setBigUint64(frameField.position, BigInt(position), true);
  header.setUint32(frameField.epoch, epoch, true);
  header.setUint32(frameField.headerCrc32, crc32(frame.subarray(0, frameField.headerCrc32)), true);
  frame.set(body, frameHeaderBytes);
  return frame;
}

/**
 * Returns a body that depends only on the position, so that a frame in a wrong place is noticed.
 */
export function bodyOf(position: number, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => (position * 31 + index * 7 + 5) & 255);
}

type LogChange = Partial<Omit<WalWriterOptions, 'storage' | 'folder'>>;

/** Opens the log in a folder as a recorder does after its recovery. */
export function openLog(storage: Storage, folder: string, change: LogChange = {}): WalWriter {
  const { neededFrom = 1 } = change;
  return new WalWriter({
    ...owner,
    storage,
    folder,
    walBytesMax: smallestWalBytes,
    durability: 'logged',
    found: endOf(readLog(storage, folder, neededFrom)),
    neededFrom,
    ...change,
  });
}

/** Appends and syncs a group. It has one frame for each entry of `bodyBytes`. */
export function appendGroup(
  log: WalWriter,
  firstPosition: number,
  bodyBytes: readonly number[],
): 'full' | number {
  const groupBytes = bodyBytes.reduce((sum, bytes) => sum + frameBytes(bytes), 0);
  const epoch = log.begin(groupBytes, firstPosition);
  if (epoch === 'full') return 'full';
  const frames = bodyBytes.map((bytes, index) => {
    const position = firstPosition + index;
    return stampedFrame(bodyOf(position, bytes), { position, epoch });
  });
  log.append(frames, firstPosition, firstPosition + bodyBytes.length - 1);
  log.sync();
  return epoch;
}

/** Returns all items with copies of the bodies. */
export function readLog(storage: Storage, folder: string, neededFrom?: number): WalItem[] {
  const needed = neededFrom === undefined ? {} : { neededFrom };
  const items = readWal({ ...owner, storage, folder, ...needed });
  return Array.from(items, (item) =>
    item.kind === 'frame' ? { ...item, body: item.body.slice() } : item,
  );
}

export function endOf(items: readonly WalItem[]): WalEnd {
  const end = items.at(-1);
  if (end?.kind !== 'end') throw new Error('the last item is the end');
  return end;
}

/** Summarises the items: a frame is its position, a loss `from-to lost`, a fault its message. */
export function brief(items: readonly WalItem[]): (number | string)[] {
  return items.flatMap((item) => {
    if (item.kind === 'frame') return item.position;
    if (item.kind === 'loss') return `${item.from}-${item.to} lost`;
    return item.kind === 'fault' ? item.fault : [];
  });
}

export function filePath(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(4, '0')}.log`);
}

/** Returns the numbers from `from` to `to`, both included. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
