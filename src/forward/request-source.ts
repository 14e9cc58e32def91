/** The requests that a destination still needs: from the log, or from the archive where it must. */
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

/** The log of a lane. */
export interface LogPort {
  /** Costs nothing, as the disk is not asked. */
  progress(): LogProgress;
  /**
   * overtaken: all positions up to and with this one are in the log no longer, but in segments, as
   * soon as `archivedBelow` is above it.
   */
  read(
    position: number,
  ):
    | { readonly kind: 'frames'; readonly frames: readonly LoggedRequest[] }
    | { readonly kind: 'overtaken'; readonly through: number };
  /** Of all that it still holds; undefined while it holds nothing. */
  oldestPosition(): number | undefined;
  close(): void;
}

export interface LogProgress {
  /** The position that the next request will have. */
  readonly next: number;
  /** All requests below are in segments. */
  readonly archivedBelow: number;
}

export interface LoggedRequest {
  readonly signal: Signal;
  readonly position: number;
  readonly receivedTimeNs: bigint;
  readonly body: Uint8Array;
}

/** The segments of a lane, rebuilt; positions ascend, both bounds are included. */
export interface ArchivePort {
  requests(signal: Signal, from: number, through: number): AsyncIterable<SourcedRequest>;
}

export interface RequestSourceOptions {
  readonly cursor: Cursor;
  readonly signals: readonly Signal[];
  readonly log: LogPort;
  readonly archive: ArchivePort;
  /** Told of all that is read, so that it knows what never comes. */
  readonly lost: LostRequests;
  /** Resolves when there may be more; early when the signal is aborted. */
  readonly idle: (stop: AbortSignal) => Promise<void>;
}

/**
 * Each wanted request once, until it is stopped. Whoever takes one tells the cursor that it has
 * begun before asking for the next. Rejects when log or archive cannot be read; another source goes
 * on from there.
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
      // Requests that have come and cannot be read were refused, or what they were is in segments.
      const through = followed.kind === 'overtaken' ? followed.through : next - 1;
      if (archivedBelow <= through) await idle(stop);
      else {
        yield* fromArchive(options, position, through, stop);
        position = through + 1;
      }
      continue;
    }
    lost.held(last);
    yield* fromLog(options, frames, stop);
    if (stop.aborted) return;
    for (const signal of signals) lost.passed(signal, last);
    position = last + 1;
    // Frames that nobody wants are gone through without a pause: others have their turn now.
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
    const isWanted =
      signals.includes(frame.signal) && cursor.isWanted(frame.signal, frame.position);
    if (!isWanted) continue;
    for (const signal of signals) lost.passed(signal, frame.position - 1);
    yield { ...frame, bytes };
  }
}

/** Signal by signal; a request that lies there twice comes once. */
async function* fromArchive(
  { cursor, signals, archive, lost }: RequestSourceOptions,
  from: number,
  through: number,
  stop: AbortSignal,
): AsyncGenerator<SourcedRequest, void, undefined> {
  for (const signal of signals) {
    lost.reading(signal);
    for await (const request of archive.requests(signal, from, through)) {
      if (stop.aborted) return;
      if (cursor.isWanted(signal, request.position)) yield request;
    }
    if (stop.aborted) return;
    lost.passed(signal, through);
  }
}
