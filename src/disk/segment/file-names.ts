/** How segments and their folders are named, and which names are ours. */
import { type Signal, signals } from '../../shared/signal.ts';

export interface SegmentName {
  readonly signal: Signal;
  /** When the first row was received, Unix ms; so a segment's name and its folder tell one date. */
  readonly firstReceivedMs: number;
  /** From one counter for all signals, from 1 on; never used twice. */
  readonly number: number;
}

const nsPerMs = 1_000_000n;

/** Names sort by number up to here: a century of hourly segments. A larger number is wider. */
const numberDigitsMin = 6;

/** 10^15 - 1 is below 2^53, so every number that is read is exact. */
const segmentNamePattern =
  /^([a-z]+)-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)\.(\d{3})Z-(\d{6,15})\.arrow$/;

const dateFolderPattern = /^date=(\d{4}-\d\d-\d\d)$/;

/** `traces-20261121T085305.123Z-000001.arrow` */
export function segmentFileName(name: SegmentName): string {
  const time = new Date(name.firstReceivedMs).toISOString().replaceAll(/[-:]/g, '');
  const number = String(name.number).padStart(numberDigitsMin, '0');
  return `${name.signal}-${time}-${number}.arrow`;
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
  const [, signalName, year, month, day, hour, minute, second, ms, digits] = match;
  const signal = signals.find((known) => known === signalName);
  const firstReceivedMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
  const number = Number(digits);
  if (signal === undefined || Number.isNaN(firstReceivedMs) || number === 0) return undefined;
  const name = { signal, firstReceivedMs, number };
  return segmentFileName(name) === fileName ? name : undefined;
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
