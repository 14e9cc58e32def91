/** Reads one file of a log: its frames and its faults. */
import type { Storage } from '../storage.ts';
import { walHeaderBytes } from './wal-format.ts';
import type { WalFileLook } from './wal-survey.ts';
import { readUse, type WalBrokenFrame, type WalFrame, type WalGap } from './wal-use.ts';
import { WalWindow } from './wal-window.ts';

/** A fault in a file. The reader skipped `bytes` bytes, starting at `offset`. */
export interface WalFault {
  readonly kind: 'fault';
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
  readonly fault: WalFaultName;
}

/** A killed process leaves only a torn last frame; all other faults are damage. */
export type WalFaultName =
  | 'the file header is damaged'
  | 'the file is cut short'
  | 'a frame is damaged'
  | 'the last frame is torn'
  | 'the disk cannot read it';

/** Yields the frames and faults of the file's last use. An unused file has no frames. */
export function* readWalFile(
  storage: Storage,
  look: WalFileLook,
  lane: number,
): Generator<WalFrame | WalBrokenFrame | WalFault, undefined, undefined> {
  const { path, epoch } = look;
  yield* headerFaults(look);
  if (epoch === 0) return;
  const file = storage.open(path, 'read');
  try {
    const window = new WalWindow(storage, file);
    const firstPosition = typeof look.header === 'string' ? undefined : look.header.firstPosition;
    for (const item of readUse(window, { lane, epoch, firstPosition })) {
      yield 'bytes' in item ? gapFault(path, item) : item;
    }
    const { unreadableOffset: offset, unreadableBytes: bytes } = window;
    if (bytes > 0) yield { kind: 'fault', path, offset, bytes, fault: 'the disk cannot read it' };
  } finally {
    storage.close(file);
  }
}

function* headerFaults({ path, bytes, header }: WalFileLook): Generator<WalFault> {
  if (header === 'damaged') {
    const fault = 'the file header is damaged';
    yield { kind: 'fault', path, offset: 0, bytes: Math.min(bytes, walHeaderBytes), fault };
  }
  if (typeof header === 'string' || header.fileBytes <= bytes) return;
  const missingBytes = header.fileBytes - bytes;
  yield { kind: 'fault', path, offset: bytes, bytes: missingBytes, fault: 'the file is cut short' };
}

function gapFault(path: string, { kind, offset, bytes }: WalGap): WalFault {
  const fault = kind === 'damaged' ? 'a frame is damaged' : 'the last frame is torn';
  return { kind: 'fault', path, offset, bytes, fault };
}
