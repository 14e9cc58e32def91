/** Archives that an earlier run left, built in memory, and functions that read them. */
import { RecordBatchReader } from 'apache-arrow';
import { endOfStream } from '../../src/disk/ipc/ipc-format.ts';
import { segmentPath } from '../../src/disk/layout.ts';
import { recoverSegments } from '../../src/disk/recovery/recovery.ts';
import { type Checkpoint, writeCheckpoint } from '../../src/disk/segment/checkpoint.ts';
import type { Storage } from '../../src/disk/storage.ts';
import type { Signal } from '../../src/shared/signal.ts';
import './arrow-stream.ts';
import { finish } from './finish.ts';
import {
  int64,
  type ThingOptions,
  thingBatch,
  thingFields,
  thingParts,
  thingRecorder,
  thingSchemaMessage,
  thingSchemaMetadata,
  thingTime,
} from './thing-segment.ts';
import { VolatileStorage } from './volatile-storage.ts';

export const outputDir = '/output';
export const recorderId = thingRecorder;
export const otherId = '7c9e6679-7425-40de-944b-e07fc1f90ae7';

/** First and last position. Each row is a request of its own. */
export type Positions = readonly [from: number, to: number];

export interface LeftSegment {
  readonly number: number;
  readonly signal?: Signal;
  readonly batches: readonly Positions[];
  readonly recorder?: string;
  readonly lane?: number;
  readonly isSealed?: boolean;
  readonly options?: ThingOptions;
}

export function emptyArchive(): VolatileStorage {
  const storage = new VolatileStorage();
  storage.makeFolder(`${outputDir}/.archer`);
  return storage;
}

export function schemaBytes(recorder = recorderId): Uint8Array {
  const metadata = new Map([...thingSchemaMetadata, ['otlp.archive.recorder', recorder]]);
  return thingSchemaMessage(thingFields, metadata as Map<string, string>);
}

/** Returns a batch with a row for each position from the first to the last. */
export function batchBytes([from, to]: Positions, segment: Partial<LeftSegment> = {}): Buffer {
  return batchOf(range(from, to), segment);
}

/** Returns a batch with a row for each position. The positions may have gaps. */
export function batchOf(positions: readonly number[], segment: Partial<LeftSegment> = {}): Buffer {
  const { recorder = recorderId, lane = 0 } = segment;
  const [from, to] = [positions[0] ?? 0, positions.at(-1) ?? 0];
  const parts = thingParts(from, positions.length);
  const base = BigInt(lane) * 2n ** 48n;
  parts.buffers.set('batch_id', int64(positions.map((position) => base + BigInt(position))));
  const wal = JSON.stringify({ recorder, lane, from: String(from), to: String(to) });
  const changeMetadata = (metadata: Map<string, string>) => {
    metadata.set('archer.wal', wal);
    segment.options?.changeMetadata?.(metadata);
  };
  return thingBatch(parts, { compression: 'none', ...segment.options, changeMetadata });
}

export function segmentBytes(segment: LeftSegment): Buffer {
  const { batches, recorder, isSealed = true } = segment;
  return Buffer.concat([
    schemaBytes(recorder),
    ...batches.map((positions) => batchBytes(positions, segment)),
    ...(isSealed ? [endOfStream] : []),
  ]);
}

export function pathOf({ number, signal = 'traces' }: Partial<LeftSegment>): string {
  const firstReceivedMs = Number(thingTime / 1_000_000n);
  return segmentPath({ signal, firstReceivedMs, number: number ?? 1 });
}

/** Returns the path relative to the output directory. */
export function putSegment(
  storage: VolatileStorage,
  segment: LeftSegment,
  bytes: Uint8Array = segmentBytes(segment),
): string {
  const path = pathOf(segment);
  storage.makeFolder(`${outputDir}/${path.slice(0, path.lastIndexOf('/'))}`);
  storage.put(`${outputDir}/${path}`, bytes);
  return path;
}

export function putCheckpoint(storage: Storage, change: Partial<Checkpoint> = {}): Checkpoint {
  const archived = { traces: 0n, metrics: 0n, logs: 0n };
  const checkpoint = {
    recorder: recorderId,
    nextSegmentNumber: 1,
    oldestOpenNumber: 1,
    lanes: [{ lane: 0, nextPosition: 1n, archived }],
    ...change,
  };
  writeCheckpoint(storage, outputDir, checkpoint);
  return checkpoint;
}

export function recover(storage: Storage, lane = 0) {
  return finish(recoverSegments(storage, outputDir, recorderId, lane));
}

/** Returns every file by path, including private files. The bytes are text, for easy comparison. */
export function filesOf(storage: VolatileStorage, folder: string = outputDir): Map<string, string> {
  const files = new Map<string, string>();
  for (const { name, kind } of storage.list(folder).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = `${folder}/${name}`;
    if (kind === 'folder') for (const file of filesOf(storage, path)) files.set(...file);
    else files.set(path, Buffer.from(storage.bytesOf(path)).toString('latin1'));
  }
  return files;
}

/** Returns the paths of all files but the checkpoint, relative to the output directory. */
export function namesOf(storage: VolatileStorage): string[] {
  const names = [...filesOf(storage).keys()].map((path) => path.slice(outputDir.length + 1));
  return names.filter((name) => name !== '.archer/checkpoint');
}

/** Returns the position of each row, read with apache-arrow. */
export function rowsOf(storage: VolatileStorage, path: string): number[] {
  const reader = RecordBatchReader.from(storage.bytesOf(`${outputDir}/${path}`));
  return [...reader].flatMap((batch) => {
    const ids = batch.getChild('batch_id');
    return Array.from({ length: batch.numRows }, (_, row) => Number(ids?.get(row)));
  });
}

/** Returns the positions in all segments of the archive, in order. */
export function archivedRows(storage: VolatileStorage): number[] {
  const segments = namesOf(storage).filter((name) => name.endsWith('.arrow') && name[0] !== '.');
  return segments.flatMap((name) => rowsOf(storage, name)).sort((a, b) => a - b);
}

/** Returns the positions up to `last` that the recovery reports as archived. */
export function archivedPositions(
  recovery: ReturnType<typeof recover>,
  last: number,
  signal: Signal = 'traces',
): number[] {
  const positions = Array.from({ length: last }, (_, index) => index + 1);
  return positions.filter((position) => recovery.isArchived(signal, position));
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
