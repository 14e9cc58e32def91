/**
 * `.archer/catalogue`: the summaries of sealed segments, kept from one run to the next
 * (docs/format/segment.md). It may be deleted at any time, because the segments hold the same
 * facts.
 */
import { signals } from '../../shared/signal.ts';
import { readCheckedFile, writeCheckedFile } from '../checked-file.ts';
import type { LogRange } from '../ipc/message-metadata.ts';
import { cataloguePath } from '../layout.ts';
import type { Storage } from '../storage.ts';
import type { SegmentSummary } from './segment-summary.ts';

/** Summaries of sealed segments by path. */
export type KeptSegments = ReadonlyMap<string, SegmentSummary>;

const formatVersion = 1;

/** Captures signal and number from a segment's path. */
const pathPattern = /^([a-z]+)\/.*-(\d+)\.arrows?$/;

/** Enough for a million segments. A longer catalogue is neither written nor read. */
const catalogueBytesMax = 512 * 1024 * 1024;

/** Replaces the catalogue durably. The private folder must exist. */
export function writeCatalogue(
  storage: Storage,
  outputDir: string,
  segments: readonly SegmentSummary[],
): void {
  const text = toText(segments);
  if (Buffer.byteLength(text) > catalogueBytesMax) return;
  writeCheckedFile(storage, cataloguePath(outputDir), text);
}

/** Returns the summaries exactly as they were written, or none. */
export function readCatalogue(storage: Storage, outputDir: string): KeptSegments {
  try {
    const content = readCheckedFile(storage, cataloguePath(outputDir), catalogueBytesMax);
    const segments = typeof content === 'string' ? [] : fromText(content.text);
    return new Map(segments.map((segment) => [segment.path, segment]));
  } catch {
    // A catalogue that cannot be read only costs time: the segments are read instead.
    return new Map();
  }
}

/** The first line lists texts that repeat from segment to segment; other lines hold indexes. */
interface Head {
  readonly version: number;
  readonly services: readonly string[];
  readonly recorders: readonly string[];
}

type TimeText = string | null;

/** One line per segment. Positions and times are text: JSON numbers are exact only up to 2^53. */
type Line = readonly [
  path: string,
  bytes: number,
  rows: number,
  firstTime: TimeText,
  lastTime: TimeText,
  firstReceivedTime: TimeText,
  lastReceivedTime: TimeText,
  services: readonly number[] | null,
  ranges: readonly (readonly [recorder: number, lane: number, from: string, to: string])[] | null,
];

function toText(segments: readonly SegmentSummary[]): string {
  const services = new Places();
  const recorders = new Places();
  const lines = segments.map((segment): string => {
    const line: Line = [
      segment.path,
      segment.bytes,
      segment.rows,
      timeText(segment.firstTime),
      timeText(segment.lastTime),
      timeText(segment.firstReceivedTime),
      timeText(segment.lastReceivedTime),
      segment.services?.map((name) => services.of(name)) ?? null,
      segment.ranges?.map(({ recorder, lane, from, to }) => {
        return [recorders.of(recorder), lane, String(from), String(to)] as const;
      }) ?? null,
    ];
    return `${JSON.stringify(line)}\n`;
  });
  const head: Head = {
    version: formatVersion,
    services: services.names,
    recorders: recorders.names,
  };
  return `${JSON.stringify(head)}\n${lines.join('')}`;
}

function fromText(text: string): SegmentSummary[] {
  const [headLine = '', ...lines] = text.split('\n').slice(0, -1);
  const head: Head = JSON.parse(headLine);
  if (head.version !== formatVersion) return [];
  return lines.flatMap((line) => toSummary(head, JSON.parse(line)) ?? []);
}

function toSummary(head: Head, line: Line): SegmentSummary | undefined {
  const [path, bytes, rows, firstTime, lastTime, firstReceived, lastReceived] = line;
  const [services, ranges] = [line[7], line[8]];
  const [, signalName, digits] = pathPattern.exec(path) ?? [];
  const signal = signals.find((known) => known === signalName);
  if (signal === undefined) return undefined;
  return {
    path,
    signal,
    number: Number(digits),
    state: 'sealed',
    bytes,
    rows,
    firstTime: toTime(firstTime),
    lastTime: toTime(lastTime),
    firstReceivedTime: toTime(firstReceived),
    lastReceivedTime: toTime(lastReceived),
    services: services?.map((place) => head.services[place] ?? '') ?? null,
    ranges:
      ranges?.map(([recorder, lane, from, to]): LogRange => {
        const id = head.recorders[recorder] ?? '';
        return { recorder: id, lane, from: BigInt(from), to: BigInt(to) };
      }) ?? null,
  };
}

/** Distinct names in order of first use. */
class Places {
  readonly #places = new Map<string, number>();

  get names(): string[] {
    return [...this.#places.keys()];
  }

  of(name: string): number {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const place = this.#places.size;
    this.#places.set(name, place);
    return place;
  }
}

function timeText(time: bigint | null): TimeText {
  return time === null ? null : String(time);
}

function toTime(text: TimeText): bigint | null {
  return text === null ? null : BigInt(text);
}
