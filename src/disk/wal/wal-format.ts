/**
 * The format of the write-ahead log of a lane (docs/format/wal.md).
 *
 *  0       4         6      8          24      28  32         40         48      56  60        64
 *  ┌───────┬─────────┬──────┬──────────┬───────┬───┬──────────┬──────────┬───────┬───┬─────────┬───
 *  │ magic │ version │ lane │ recorder │ epoch │ 0 │ first    │ previous │ file  │ 0 │ crc32   │ …
 *  │ AWL1  │   u16   │ u16  │ 16 bytes │  u32  │   │ position │ position │ bytes │   │ of 0-60 │
 *  └───────┴─────────┴──────┴──────────┴───────┴───┴──────────┴──────────┴───────┴───┴─────────┴───
 *
 * All numbers are little-endian. Positions and file bytes are u64. Frames follow the header, back
 * to back, as shared/frame.ts draws them.
 *
 * 1. A file is used again and again, from its start. Each use has an epoch above all earlier ones,
 *    in the file's header and in each frame. A frame with another epoch remains from an older use.
 * 2. The files of a log, ordered by epoch, are also ordered by position.
 * 3. Within a use positions rise by one from frame to frame, starting at the first position.
 * 4. Frames of the use before with a position above this one's previous position were refused.
 * 5. Everything starts at a multiple of 8 bytes.
 */

import { crc32 } from 'node:zlib';
import { lanePositionMax } from '../../shared/batch-id.ts';
import { frameAlignmentBytes } from '../../shared/frame.ts';
import { invariant } from '../../shared/invariant.ts';

export interface WalHeader {
  readonly recorderId: string;
  readonly lane: number;
  readonly epoch: number;
  /** Position of the first frame of this use. */
  readonly firstPosition: number;
  /** The greatest position in the log when this use began; 0 if the log was empty. */
  readonly previousPosition: number;
  /** The file's length in bytes, so that a reader recognizes a file that was cut. */
  readonly fileBytes: number;
}

export const walHeaderBytes = 64;
invariant(walHeaderBytes % frameAlignmentBytes === 0, 'the first frame is aligned');

/** "AWL1", read as a little-endian u32. */
const walMagic = 0x314c5741;

const walVersion = 1;

/** An epoch is a u32. At one use of 32 MiB per second this is reached after 136 years. */
export const walEpochMax = 2 ** 32 - 1;

/**
 * When a log is opened, its epochs continue this far above all headers found. A power loss may undo
 * headers but leave frames of their uses, and those epochs must not be used again. With files of
 * 1 MiB, a kernel would have to hold back 16 GiB to exceed it. 262,144 openings fit into a u32.
 */
export const walEpochStride = 16_384;

/** Offset of each field in the header, in bytes. */
const headerField = {
  magic: 0,
  version: 4,
  lane: 6,
  recorder: 8,
  epoch: 24,
  firstPosition: 32,
  previousPosition: 40,
  fileBytes: 48,
  crc32: 60,
} as const;

/** Four digits keep the names of any usual log in order. A name with more than nine is foreign. */
const fileNamePattern = /^(\d{4,9})\.log$/;
const numberDigitsMin = 4;

const uuidGroups = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/;

/** `0001.log`. The number only identifies the file. */
export function walFileName(number: number): string {
  return `${String(number).padStart(numberDigitsMin, '0')}.log`;
}

/** The number in a file's name; undefined for every name that walFileName does not produce. */
export function parseWalFileName(name: string): number | undefined {
  const digits = fileNamePattern.exec(name)?.[1];
  const number = Number(digits);
  return digits !== undefined && walFileName(number) === name ? number : undefined;
}

export function walHeaderToBytes(header: WalHeader): Uint8Array {
  const bytes = Buffer.alloc(walHeaderBytes);
  const recorder = Buffer.from(header.recorderId.replaceAll('-', ''), 'hex');
  invariant(recorder.byteLength === 16, 'a recorder is named by a UUID');
  bytes.writeUInt32LE(walMagic, headerField.magic);
  bytes.writeUInt16LE(walVersion, headerField.version);
  bytes.writeUInt16LE(header.lane, headerField.lane);
  bytes.set(recorder, headerField.recorder);
  bytes.writeUInt32LE(header.epoch, headerField.epoch);
  bytes.writeBigUInt64LE(BigInt(header.firstPosition), headerField.firstPosition);
  bytes.writeBigUInt64LE(BigInt(header.previousPosition), headerField.previousPosition);
  bytes.writeBigUInt64LE(BigInt(header.fileBytes), headerField.fileBytes);
  bytes.writeUInt32LE(headerChecksum(bytes), headerField.crc32);
  return bytes;
}

/**
 * zeros: as a new file is filled. damaged: walHeaderToBytes never produces these bytes. unknown:
 * the checksum is right but the version is another one, so the other fields may mean anything.
 */
export function walHeaderFromBytes(bytes: Uint8Array): WalHeader | 'zeros' | 'damaged' | 'unknown' {
  if (bytes.every((byte) => byte === 0)) return 'zeros';
  if (bytes.byteLength < walHeaderBytes) return 'damaged';
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, walHeaderBytes);
  if (view.readUInt32LE(headerField.magic) !== walMagic) return 'damaged';
  if (view.readUInt32LE(headerField.crc32) !== headerChecksum(view)) return 'damaged';
  if (view.readUInt16LE(headerField.version) !== walVersion) return 'unknown';
  const header = {
    recorderId: uuidText(view.subarray(headerField.recorder, headerField.epoch)),
    lane: view.readUInt16LE(headerField.lane),
    epoch: view.readUInt32LE(headerField.epoch),
    firstPosition: Number(view.readBigUInt64LE(headerField.firstPosition)),
    previousPosition: Number(view.readBigUInt64LE(headerField.previousPosition)),
    fileBytes: Number(view.readBigUInt64LE(headerField.fileBytes)),
  };
  return isPlausible(header) ? header : 'damaged';
}

/** One random header in 2^32 passes the checksum, so numbers are bounded before they are used. */
function isPlausible({ firstPosition, previousPosition, fileBytes }: WalHeader): boolean {
  if (firstPosition > lanePositionMax || !Number.isSafeInteger(fileBytes)) return false;
  return previousPosition < firstPosition && fileBytes >= walHeaderBytes;
}

function headerChecksum(bytes: Uint8Array): number {
  return crc32(bytes.subarray(0, headerField.crc32));
}

function uuidText(bytes: Buffer): string {
  return bytes.toString('hex').replace(uuidGroups, '$1-$2-$3-$4-$5');
}
