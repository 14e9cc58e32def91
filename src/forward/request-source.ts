/** Finds the requests that a destination still needs: in the log, or else in the archive. */
import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import type { Signal } from '../shared/signal.ts';
import type { Cursor } from './cursor.ts';
import type { LostRequests } from './lost-requests.ts';

export interface SourcedRequest {
  readonly signal: Signal;
  readonly position: number;
  readonly receivedTimeNs: bigint;
  /** An Export…ServiceRequest in protobuf. */
  readonly bytes: Uint8Array;
}

/** The write-ahead log of a lane. */
export interface LogPort {
  /** Returns the progress of the lane without access to the disk. */
  progress(): LogProgress;
  /**
   * Returns requests from the position on, or `overtaken`: the log no longer holds the positions up
   * to `through`. They are in segments as soon as `archivedBelow` is above `through`. Throws if the
   * log cannot be read.
   */
  read(
    position: number,
  ):
    | { readonly kind: 'frames'; readonly frames: readonly LoggedRequest[] }
    | { readonly kind: 'overtaken'; readonly through: number };
  /** Returns the lowest position that the log still holds; undefined while it is empty. */
  oldestPosition(): number | undefined;
  close(): void;
}

export interface LogProgress {
  /** The position that the next request will get. */
  readonly next: number;
  /** All requests below this position are in segments. */
  readonly archivedBelow: number;
}

export interface LoggedRequest {
  readonly signal: Signal;
  readonly position: number;
  readonly receivedTimeNs: bigint;
  readonly body: Uint8Array;
}

/** The segments of a lane. Positions ascend, and both bounds are included. */
export interface ArchivePort {
  requests(signal: Signal, from: number, through: number): AsyncIterable<SourcedRequest>;
}

export interface RequestSourceOptions {
  readonly cursor: Cursor;
  readonly signals: readonly Signal[];
  readonly log: LogPort;
  readonly archive: ArchivePort;
  /** Gets an event for everything that is read, so that it can tell which requests are lost. */
  readonly lost: LostRequests;
  /** Resolves when there may be new requests; early if the signal is aborted. */
  readonly idle: (stop: AbortSignal) => Promise<void>;
}

/**
 * Yields each needed request once, until `stop` is aborted. The consumer must call `cursor.begin`
 * for a request before it asks for the next one. Rejects if log or archive cannot be read; a new
 * source then continues from the cursor.
 */
export async function* sourceRequests(
  options: RequestSourceOptions,
  stop: AbortSignal,
): AsyncGenerator<SourcedRequest, void, undefined> {
  const { cursor, signals, log, lost, idle } = options;
  let position = cursor.nextPosition(signals);
  while (!stop.aborted) {
    const { next, archivedBelow } = log.progress();
    if (position >= next) {
      await idle(stop);
      continue;
    }
    const followed = log.read(position);
    const frames = followed.kind === 'frames' ? followed.frames : [];
    const last = frames.at(-1)?.position;
    if (last === undefined) {
      // The requests that the log does not give were refused, or they are in segments.
      const through = followed.kind === 'overtaken' ? followed.through : next - 1;
      if (archivedBelow <= through) await idle(stop);
      else {
        yield* fromArchive(options, position, through, stop);
        position = through + 1;
      }
      continue;
    }
    lost.onLogRead(last);
    yield* fromLog(options, frames, stop);
    if (stop.aborted) return;
    for (const signal of signals) lost.onPassed(signal, last);
    position = last + 1;
    // Frames of other signals are skipped without a pause, so other tasks get their turn here.
    await eventLoopTurn();
  }
}

function* fromLog(
  { cursor, signals, lost }: RequestSourceOptions,
  frames: readonly LoggedRequest[],
  stop: AbortSignal,
): Generator<SourcedRequest, void, undefined> {
  for (const { body: bytes, ...frame } of frames) {
    if (stop.aborted) return;
    const isNeeded =
      signals.includes(frame.signal) && cursor.isNeeded(frame.signal, frame.position);
    if (!isNeeded) continue;
    for (const signal of signals) lost.onPassed(signal, frame.position - 1);
    yield { ...frame, bytes };
  }
}

/** Reads one signal after the other. A request that is in two segments is yielded once. */
async function* fromArchive(
  { cursor, signals, archive, lost }: RequestSourceOptions,
  from: number,
  through: number,
  stop: AbortSignal,
): AsyncGenerator<SourcedRequest, void, undefined> {
  for (const signal of signals) {
    lost.onArchiveRead(signal);
    for await (const request of archive.requests(signal, from, through)) {
      if (stop.aborted) return;
      if (cursor.isNeeded(signal, request.position)) yield request;
    }
    if (stop.aborted) return;
    lost.onPassed(signal, through);
  }
}
