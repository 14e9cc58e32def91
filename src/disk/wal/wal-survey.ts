/** Examines the files in a log's folder: who wrote them, and in which order. */
import { join } from 'node:path';
import type { Storage } from '../storage.ts';
import {
  parseWalFileName,
  type WalHeader,
  walEpochMax,
  walEpochStride,
  walFileName,
  walHeaderBytes,
  walHeaderFromBytes,
} from './wal-format.ts';
import { findEpoch } from './wal-use.ts';
import { WalWindow } from './wal-window.ts';

export interface WalOwner {
  readonly recorderId: string;
  readonly lane: number;
}

export interface WalFileLook {
  readonly number: number;
  readonly path: string;
  readonly bytes: number;
  /** Epoch of its last use; 0 if neither the header nor any frame shows it. */
  readonly epoch: number;
  /** unused: never written since it was made. damaged: its header cannot be read. */
  readonly header: WalHeader | 'unused' | 'damaged';
}

/** A file that Archer neither reads nor writes. */
export interface ForeignWalFile {
  readonly path: string;
  readonly why: 'another recorder' | 'another lane' | 'another version';
}

export interface WalSurvey {
  /** Ordered by epoch. */
  readonly files: readonly WalFileLook[];
  readonly foreign: readonly ForeignWalFile[];
}

interface HeaderLook {
  readonly number: number;
  readonly path: string;
  readonly bytes: number;
  readonly header: ReturnType<typeof walHeaderFromBytes>;
}

/** A missing folder is an empty log. Files with other names are ignored. */
export function surveyWal(storage: Storage, folder: string, owner: WalOwner): WalSurvey {
  const looks = fileNumbers(storage, folder).map((number) => lookAt(storage, folder, number));
  const own = looks.filter(({ header }) => foreignness(header, owner) === undefined);
  const epochLimit = plausibleEpochMax(own);
  const files = own.map((look) => toFile(storage, look, owner.lane, epochLimit));
  files.sort((a, b) => a.epoch - b.epoch || a.number - b.number);
  const foreign = looks.flatMap(({ path, header }) => {
    const why = foreignness(header, owner);
    return why === undefined ? [] : [{ path, why }];
  });
  return { files, foreign };
}

/** Opens a file of the log while the action runs. */
export function withWindow<Result>(
  storage: Storage,
  path: string,
  action: (window: WalWindow) => Result,
): Result {
  const file = storage.open(path, 'read');
  try {
    return action(new WalWindow(storage, file));
  } finally {
    storage.close(file);
  }
}

/** The numbers of the log files in the folder, in ascending order. */
function fileNumbers(storage: Storage, folder: string): number[] {
  if (storage.stat(folder)?.kind !== 'folder') return [];
  return storage
    .list(folder)
    .filter(({ kind }) => kind === 'file')
    .flatMap(({ name }) => parseWalFileName(name) ?? [])
    .sort((a, b) => a - b);
}

function lookAt(storage: Storage, folder: string, number: number): HeaderLook {
  const path = join(folder, walFileName(number));
  return withWindow(storage, path, (window) => {
    const bytes = window.view(0, Math.min(walHeaderBytes, window.fileBytes));
    const header = walHeaderFromBytes(bytes ?? new Uint8Array(0));
    return { number, path, bytes: window.fileBytes, header };
  });
}

function foreignness(
  header: HeaderLook['header'],
  { recorderId, lane }: WalOwner,
): ForeignWalFile['why'] | undefined {
  if (header === 'unknown') return 'another version';
  if (typeof header === 'string') return undefined;
  if (header.recorderId !== recorderId) return 'another recorder';
  return header.lane === lane ? undefined : 'another lane';
}

/**
 * The greatest epoch that is believed if only a frame shows it, because the file's own header is
 * damaged. Without this limit a sender could place a forged frame in a body and use up all epochs.
 */
function plausibleEpochMax(looks: readonly HeaderLook[]): number {
  const epochs = looks.map(({ header }) => (typeof header === 'string' ? 0 : header.epoch));
  const greatest = Math.max(0, ...epochs);
  return greatest === 0 ? walEpochMax : Math.min(walEpochMax, greatest + walEpochStride);
}

/**
 * A header of zeros means an unused file, unless a frame follows it. Then the header is damaged.
 */
function toFile(
  storage: Storage,
  { number, path, bytes, header }: HeaderLook,
  lane: number,
  epochLimit: number,
): WalFileLook {
  const file = { number, path, bytes };
  if (typeof header !== 'string') return { ...file, epoch: header.epoch, header };
  const epoch = withWindow(storage, path, (window) => findEpoch(window, lane, epochLimit));
  if (epoch !== undefined) return { ...file, epoch, header: 'damaged' };
  return { ...file, epoch: 0, header: header === 'zeros' ? 'unused' : 'damaged' };
}
