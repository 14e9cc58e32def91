/** Reads a log file to its last byte and reports everything that is wrong with it. */
import type { OpenFile, Storage } from '../storage.ts';
import { type WalHeader, walHeaderBytes, walHeaderFromBytes } from '../wal/wal-format.ts';
import { firstFrame, readUse, type WalGap, type WalUse } from '../wal/wal-use.ts';
import { WalWindow } from '../wal/wal-window.ts';
import type { FileFault, FileReport } from './file-report.ts';

/** A file that is reused while it is read is read again. That happens a few times per second. */
const looksMax = 10;

/** The first hundred faults are enough for a file that is damaged throughout. */
const faultCountMax = 100;

/**
 * Checks the frames of the file's last use; frames of earlier uses do not matter. A torn tail is
 * what a recorder leaves that was killed or is just writing.
 */
export function checkLog(
  storage: Storage,
  file: OpenFile,
  onProgress: (bytes: number) => void = () => {},
): FileReport {
  let report = checkOnce(storage, file);
  for (let look = 1; look < looksMax && report.isOverwritten; look++) {
    report = checkOnce(storage, file);
  }
  onProgress(report.bytes);
  const { isOverwritten: _, ...found } = report;
  return found;
}

/** `isOverwritten` is true if another use of the file began meanwhile, so the result is void. */
function checkOnce(
  storage: Storage,
  file: OpenFile,
): FileReport & { readonly isOverwritten: boolean } {
  const window = new WalWindow(storage, file);
  const bytes = window.fileBytes;
  const header = readHeader(window);
  const faults = headerFaults(header, bytes);
  const use = useOf(header, window);
  if (use === undefined) {
    const state = faults.length === 0 ? 'unused' : 'torn';
    return { state, bytes, counts: { frames: 0 }, faults, isOverwritten: false };
  }
  let frames = 0;
  let isTorn = false;
  for (const item of readUse(window, use)) {
    if (item.kind === 'frame') frames += 1;
    else if ('bytes' in item && faults.length < faultCountMax) faults.push(gapFault(item));
    isTorn ||= item.kind === 'torn';
  }
  if (window.unreadableBytes > 0) {
    const what = `${window.unreadableBytes} bytes that the disk cannot read`;
    faults.push({ code: 'ERR_ARCHER_FILE_UNREADABLE', offset: window.unreadableOffset, what });
  }
  const after = readHeader(new WalWindow(storage, file));
  const isOverwritten = typeof after !== 'string' && after.epoch !== use.epoch;
  return { state: isTorn ? 'torn' : 'in use', bytes, counts: { frames }, faults, isOverwritten };
}

function readHeader(window: WalWindow): ReturnType<typeof walHeaderFromBytes> {
  const bytes = window.view(0, Math.min(walHeaderBytes, window.fileBytes));
  return walHeaderFromBytes(bytes ?? new Uint8Array(0));
}

/** Undefined for a file without frames, and for a version whose frames are unknown. */
function useOf(header: WalHeader | string, window: WalWindow): WalUse | undefined {
  if (typeof header !== 'string') return header;
  const frame = header === 'unknown' ? undefined : firstFrame(window);
  if (frame === undefined) return undefined;
  return { lane: frame.lane, epoch: frame.epoch, firstPosition: undefined };
}

function headerFaults(header: WalHeader | string, bytes: number): FileFault[] {
  if (header === 'unknown') {
    return [logFault(0, 'a version of the log that this program does not know')];
  }
  if (header === 'damaged') return [logFault(0, 'the file header is damaged')];
  if (typeof header === 'string' || header.fileBytes <= bytes) return [];
  const missingBytes = header.fileBytes - bytes;
  return [logFault(bytes, `the file is cut short: ${missingBytes} bytes are missing`)];
}

function gapFault({ kind, offset, bytes }: WalGap): FileFault {
  const between = `${bytes} bytes between two frames are no frame`;
  const behind = `${bytes} bytes behind the last whole frame are no frame`;
  return logFault(offset, kind === 'torn' ? behind : between);
}

function logFault(offset: number, what: string): FileFault {
  return { code: 'ERR_ARCHER_LOG_DAMAGED', offset, what };
}
