/** Reads the log of a lane: every frame once and in order, and what is damaged or missing. */
import { lanePositionMax } from '../../shared/batch-id.ts';
import type { Storage } from '../storage.ts';
import { WalAccount, type WalLoss } from './wal-account.ts';
import { readWalFile, type WalFault } from './wal-file-reader.ts';
import { type ForeignWalFile, surveyWal, type WalFileLook, type WalOwner } from './wal-survey.ts';
import type { WalFrame } from './wal-use.ts';

export interface WalReadOptions extends WalOwner {
  readonly storage: Storage;
  readonly folder: string;
  /**
   * The lowest position that is still needed. Frames below it are neither returned nor missed. If
   * absent, all frames are returned, and no position before the first one counts as missing.
   */
  readonly neededFrom?: number;
}

/** What the next writer needs to know about a file of the log. */
export interface WalFoundFile {
  readonly number: number;
  readonly bytes: number;
  readonly epoch: number;
  /** Every frame of the file's last use has this position or a lower one. */
  readonly lastPosition: number;
  /** Absent if only its last frame is torn, or if nothing in it is needed. */
  readonly isDamaged?: true;
}

export interface WalEnd {
  readonly kind: 'end';
  /** Ordered by epoch. */
  readonly files: readonly WalFoundFile[];
  readonly foreign: readonly ForeignWalFile[];
  /** Position of the last frame that the log is known to have held, readable or not; 0 for none. */
  readonly lastPosition: number;
  /** Greater than every position in the log, including broken frames. The first position is 1. */
  readonly nextPosition: number;
  readonly sums: WalSums;
}

export interface WalSums {
  readonly frames: number;
  readonly bodyBytes: number;
  /** Skipped bytes that frames follow. No frame follows torn bytes. */
  readonly damagedBytes: number;
  readonly tornBytes: number;
  readonly lostPositions: number;
}

export type WalItem = WalFrame | WalFault | WalLoss | WalEnd;

/**
 * Yields all frames of the log in the order of positions, the faults between them, and one `end`.
 * Keeps one window of bytes in memory, or one frame if that is larger.
 */
export function* readWal(options: WalReadOptions): Generator<WalItem, undefined, undefined> {
  const { files, foreign } = surveyWal(options.storage, options.folder, options);
  const account = new WalAccount(options.neededFrom);
  const found: WalFoundFile[] = [];
  const sums = { frames: 0, bodyBytes: 0, damagedBytes: 0, tornBytes: 0, lostPositions: 0 };
  for (const item of readFiles(options, files, account, found)) {
    addItem(sums, item);
    yield item;
  }
  const { lastPosition, nextPosition } = account;
  yield { kind: 'end', files: found, foreign, lastPosition, nextPosition, sums };
}

type FileItem = WalFrame | WalFault | WalLoss;

function* readFiles(
  options: WalReadOptions,
  files: readonly WalFileLook[],
  account: WalAccount,
  found: WalFoundFile[],
): Generator<FileItem, undefined, undefined> {
  for (const [index, look] of files.entries()) {
    const { number, bytes, epoch, header } = look;
    const loss = typeof header === 'string' ? undefined : account.meetUse(header);
    if (loss !== undefined) yield loss;
    const positionMax = previousPosition(files, index);
    // Only the next file's header shows that nothing in this file is needed any more.
    const isNeeded = positionMax >= (options.neededFrom ?? 0);
    const content = isNeeded
      ? yield* readFrames(options, look, positionMax, account)
      : { lastPosition: positionMax };
    found.push({ number, bytes, epoch, ...content });
  }
}

/**
 * The last position of the log when a later file was begun; greater positions in this file were
 * refused. A copy of the file has the same epoch, so its header does not count as a later one.
 */
function previousPosition(files: readonly WalFileLook[], index: number): number {
  const { epoch } = files[index]!;
  for (const { epoch: laterEpoch, header } of files.slice(index + 1)) {
    if (laterEpoch > epoch && typeof header !== 'string') return header.previousPosition;
  }
  return lanePositionMax;
}

/** Yields the frames that are needed. Returns the last position, and if the file is damaged. */
function* readFrames(
  { storage, lane }: WalReadOptions,
  look: WalFileLook,
  positionMax: number,
  account: WalAccount,
): Generator<FileItem, Pick<WalFoundFile, 'lastPosition' | 'isDamaged'>, undefined> {
  let lastPosition = 0;
  let isDamaged = false;
  for (const item of readWalFile(storage, look, lane)) {
    if (item.kind === 'fault') {
      isDamaged ||= item.fault !== 'the last frame is torn';
      yield item;
      continue;
    }
    const { position } = item;
    lastPosition = Math.max(lastPosition, position);
    account.see(position);
    if (item.kind === 'broken' || position > positionMax) continue;
    const isDone = account.isDone(position);
    const loss = account.meetFrame(position);
    if (loss !== undefined) yield loss;
    if (!isDone) yield item;
  }
  return { lastPosition, ...(isDamaged && { isDamaged }) };
}

function addItem(sums: { -readonly [Name in keyof WalSums]: number }, item: FileItem): void {
  if (item.kind === 'frame') {
    sums.frames += 1;
    sums.bodyBytes += item.body.byteLength;
  } else if (item.kind === 'loss') {
    sums.lostPositions += item.to - item.from + 1;
  } else if (item.fault === 'the last frame is torn') {
    sums.tornBytes += item.bytes;
  } else if (item.fault === 'a frame is damaged') {
    sums.damagedBytes += item.bytes;
  }
}
