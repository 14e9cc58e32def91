/** The names of all files and folders below the output directory, and which names are ours. */
import { basename, dirname, join, resolve } from 'node:path';
import { type Signal, signals } from '../shared/signal.ts';

/** The folder for everything that is not for users, below the output directory. */
export const privateFolder = '.archer';

/** Recovery puts what it cannot use here, below the output directory. */
export const damagedFolder = `${privateFolder}/damaged`;

/** Sealed segments are rewritten as Arrow IPC files here, below the output directory. */
export const sealingFolder = `${privateFolder}/sealing`;

export interface SegmentName {
  readonly signal: Signal;
  /** When the first row was received, Unix ms; so a segment's name and its folder tell one date. */
  readonly firstReceivedMs: number;
  /** From one counter for all signals, from 1 on; never used twice. */
  readonly number: number;
  /** A stream that becomes an Arrow IPC file once it is sealed; its name says that it is none. */
  readonly isStaged?: true;
}

const nsPerMs = 1_000_000n;

/** Names sort by number up to here: a century of hourly segments. A larger number is wider. */
const numberDigitsMin = 6;

/** 10^15 - 1 is below 2^53, so every number that is read is exact. */
const segmentNamePattern =
  /^(_?)([a-z]+)-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)\.(\d{3})Z-(\d{6,15})(\.arrows?)$/;

/** Readers of whole folders pass over names that begin so. */
const stagedPrefix = '_';
const stagedSuffix = '.arrows';
const suffix = '.arrow';

const dateFolderPattern = /^date=(\d{4}-\d\d-\d\d)$/;

/** `traces-20261121T085305.123Z-000001.arrow`; staged with `_` before and `.arrows` behind. */
export function segmentFileName(name: SegmentName): string {
  const time = new Date(name.firstReceivedMs).toISOString().replaceAll(/[-:]/g, '');
  const number = String(name.number).padStart(numberDigitsMin, '0');
  const stem = `${name.signal}-${time}-${number}`;
  return name.isStaged ? `${stagedPrefix}${stem}${stagedSuffix}` : `${stem}${suffix}`;
}

/** Below the output directory: `traces/date=2026-11-21/traces-20261121T085305.123Z-000001.arrow` */
export function segmentPath(name: SegmentName): string {
  const folder = dateFolder(BigInt(name.firstReceivedMs) * nsPerMs);
  return `${name.signal}/${folder}/${segmentFileName(name)}`;
}

/** What a file's name says; undefined for every name that segmentFileName does not give. */
export function parseSegmentFileName(fileName: string): SegmentName | undefined {
  const match = segmentNamePattern.exec(fileName);
  if (match === null) return undefined;
  const [, prefix, signalName, year, month, day, hour, minute, second, ms, digits, ending] = match;
  const signal = signals.find((known) => known === signalName);
  const firstReceivedMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
  const number = Number(digits);
  if (signal === undefined || Number.isNaN(firstReceivedMs) || number === 0) return undefined;
  // Names are made and compared by the ten thousand: a look at the parts is enough.
  const isDay = new Date(firstReceivedMs).getUTCDate() === Number(day) && hour !== '24';
  const isShortest = digits?.length === numberDigitsMin || digits?.[0] !== '0';
  if (!isDay || !isShortest || (prefix === stagedPrefix) !== (ending === stagedSuffix)) {
    return undefined;
  }
  const name = { signal, firstReceivedMs, number };
  return prefix === stagedPrefix ? { ...name, isStaged: true } : name;
}

/** Where a staged segment goes when it is sealed: the same folder; undefined for any other path. */
export function sealedPath(stagedPath: string): string | undefined {
  const nameStart = stagedPath.lastIndexOf('/') + 1;
  const name = parseSegmentFileName(stagedPath.slice(nameStart));
  if (name?.isStaged !== true) return undefined;
  const { signal, firstReceivedMs, number } = name;
  const fileName = segmentFileName({ signal, firstReceivedMs, number });
  return `${stagedPath.slice(0, nameStart)}${fileName}`;
}

/** The folder of rows received at a time (Unix ns): `date=2026-11-21`. */
export function dateFolder(receivedTime: bigint): string {
  return `date=${utcDate(receivedTime)}`;
}

/** Whether a folder's name is one that dateFolder gives. */
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

/** The folder for everything that is not for users. */
export function privatePath(outputDir: string): string {
  return join(outputDir, privateFolder);
}

/** The file that says which process records here. */
export function lockPath(outputDir: string): string {
  return join(outputDir, privateFolder, 'lock');
}

/** The file with the recorder's id. */
export function identityPath(outputDir: string): string {
  return join(outputDir, privateFolder, 'id');
}

/** The file that says how far the work is durable. */
export function checkpointPath(outputDir: string): string {
  return join(outputDir, privateFolder, 'checkpoint');
}

/** The file that holds a summary of each sealed segment. */
export function cataloguePath(outputDir: string): string {
  return join(outputDir, privateFolder, 'catalogue');
}

/** The folder of a lane's log. */
export function walFolder(outputDir: string, lane: number): string {
  return join(outputDir, privateFolder, 'wal', `lane-${lane}`);
}

/** The output directory of a log file's path; undefined where it lies in no lane's folder. */
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
