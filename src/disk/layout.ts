/** The names of all files and folders below the output directory. */
import { basename, dirname, join, resolve } from 'node:path';
import { type Signal, signals } from '../shared/signal.ts';

/** The folder for everything that users need not see, below the output directory. */
export const privateFolder = '.archer';

/** Recovery moves damaged files here, below the output directory. */
export const damagedFolder = `${privateFolder}/damaged`;

/** Sealed segments are rewritten here as Arrow IPC files, below the output directory. */
export const sealingFolder = `${privateFolder}/sealing`;

export interface SegmentName {
  readonly signal: Signal;
  /** Time of the first row in Unix ms. The segment's folder has the same date. */
  readonly firstReceivedMs: number;
  /** From one counter for all signals, starting at 1. A number is never used twice. */
  readonly number: number;
  /** True for a stream that becomes an Arrow IPC file when it is sealed. */
  readonly isStaged?: true;
}

const nsPerMs = 1_000_000n;

/**
 * Names sort by number up to this width: a century of hourly segments. Larger numbers are wider.
 */
const numberDigitsMin = 6;

/** At most 15 digits: 10^15 - 1 is below 2^53, so that every number read is exact. */
const segmentNamePattern =
  /^(_?)([a-z]+)-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)\.(\d{3})Z-(\d{6,15})(\.arrows?)$/;

/** Programs that read whole folders skip names with this prefix. */
const stagedPrefix = '_';
const stagedSuffix = '.arrows';
const suffix = '.arrow';

const dateFolderPattern = /^date=(\d{4}-\d\d-\d\d)$/;

/** `traces-20261121T085305.123Z-000001.arrow`; staged: `_` before it and `.arrows` at its end. */
export function segmentFileName(name: SegmentName): string {
  const time = new Date(name.firstReceivedMs).toISOString().replaceAll(/[-:]/g, '');
  const number = String(name.number).padStart(numberDigitsMin, '0');
  const stem = `${name.signal}-${time}-${number}`;
  return name.isStaged ? `${stagedPrefix}${stem}${stagedSuffix}` : `${stem}${suffix}`;
}

/**
 * `traces/date=2026-11-21/traces-20261121T085305.123Z-000001.arrow`, below the output directory.
 */
export function segmentPath(name: SegmentName): string {
  const folder = dateFolder(BigInt(name.firstReceivedMs) * nsPerMs);
  return `${name.signal}/${folder}/${segmentFileName(name)}`;
}

/** Parses a file's name; undefined for every name that segmentFileName does not produce. */
export function parseSegmentFileName(fileName: string): SegmentName | undefined {
  const match = segmentNamePattern.exec(fileName);
  if (match === null) return undefined;
  const [, prefix, signalName, year, month, day, hour, minute, second, ms, digits, ending] = match;
  const signal = signals.find((known) => known === signalName);
  const firstReceivedMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
  const number = Number(digits);
  if (signal === undefined || Number.isNaN(firstReceivedMs) || number === 0) return undefined;
  // Tens of thousands of names are parsed at a time, so only the parts are checked.
  const isDay = new Date(firstReceivedMs).getUTCDate() === Number(day) && hour !== '24';
  const isShortest = digits?.length === numberDigitsMin || digits?.[0] !== '0';
  if (!isDay || !isShortest || (prefix === stagedPrefix) !== (ending === stagedSuffix)) {
    return undefined;
  }
  const name = { signal, firstReceivedMs, number };
  return prefix === stagedPrefix ? { ...name, isStaged: true } : name;
}

/** The sealed path of a staged segment, in the same folder; undefined for any other path. */
export function sealedPath(stagedPath: string): string | undefined {
  const nameStart = stagedPath.lastIndexOf('/') + 1;
  const name = parseSegmentFileName(stagedPath.slice(nameStart));
  if (name?.isStaged !== true) return undefined;
  const { signal, firstReceivedMs, number } = name;
  const fileName = segmentFileName({ signal, firstReceivedMs, number });
  return `${stagedPath.slice(0, nameStart)}${fileName}`;
}

/** The folder for rows received at a time in Unix ns: `date=2026-11-21`. */
export function dateFolder(receivedTime: bigint): string {
  return `date=${utcDate(receivedTime)}`;
}

/** True if dateFolder can produce this folder name. */
export function isDateFolder(folderName: string): boolean {
  const date = dateFolderPattern.exec(folderName)?.[1];
  if (date === undefined) return false;
  const ms = Date.parse(date);
  return !Number.isNaN(ms) && dateFolder(BigInt(ms) * nsPerMs) === folderName;
}

/** The UTC date of a time in Unix ns: `2026-11-21`. */
export function utcDate(timeNs: bigint): string {
  return new Date(unixMsOf(timeNs)).toISOString().slice(0, 10);
}

/** Whole Unix ms of a time in Unix ns. */
export function unixMsOf(timeNs: bigint): number {
  return Number(timeNs / nsPerMs);
}

/** The folder for everything that users need not see. */
export function privatePath(outputDir: string): string {
  return join(outputDir, privateFolder);
}

/** The file that names the process that records here. */
export function lockPath(outputDir: string): string {
  return join(outputDir, privateFolder, 'lock');
}

/** The file with the recorder's id. */
export function identityPath(outputDir: string): string {
  return join(outputDir, privateFolder, 'id');
}

/** The file that records how far the work is durable. */
export function checkpointPath(outputDir: string): string {
  return join(outputDir, privateFolder, 'checkpoint');
}

/** The file that holds a summary of each sealed segment. */
export function cataloguePath(outputDir: string): string {
  return join(outputDir, privateFolder, 'catalogue');
}

/** The folder with the log of a lane. */
export function walFolder(outputDir: string, lane: number): string {
  return join(outputDir, privateFolder, 'wal', `lane-${lane}`);
}

/** The output directory of a log file; undefined if the file is not in the folder of a lane. */
export function logOutputDirectory(path: string): string | undefined {
  const folder = dirname(resolve(path));
  const outputDir = resolve(folder, '..', '..', '..');
  const lane = Number(/^lane-(\d+)$/.exec(basename(folder))?.[1]);
  return walFolder(outputDir, lane) === folder ? outputDir : undefined;
}

/** The file that holds the cursor of a forwarding destination. */
export function cursorPath(outputDir: string, destination: string): string {
  return join(outputDir, privateFolder, 'forwarding', `${destination}.cursor`);
}
