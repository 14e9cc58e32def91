/** The requests that a destination still needs: from the log, or from the archive where it must. */
import type { Signal } from '../shared/signal.ts';
import type { Cursor } from './cursor.ts';

export interface SourcedRequest {
  readonly signal: Signal;
  readonly position: number;
  readonly receivedTimeNs: bigint;
  /** An Export…ServiceRequest in protobuf. */
  readonly bytes: Uint8Array;
}

/**
 * The log of a lane. overtaken: all positions up to and with this one are in the log no longer, but
 * in segments.
 */
export interface LogPort {
  read(
    position: number,
  ):
    | { readonly kind: 'frames'; readonly frames: readonly LoggedRequest[] }
    | { readonly kind: 'overtaken'; readonly through: number };
  /** Of all that it still holds; undefined while it holds nothing. */
  oldestPosition(): number | undefined;
  close(): void;
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
  /** Resolves when there may be more in the log; early when the signal is aborted. */
  readonly idle: (stop: AbortSignal) => Promise<void>;
  /** Told before the archive is asked for a signal's requests up to a position. */
  readonly onOvertaken: (signal: Signal, through: number) => void;
}

/**
 * Each wanted request once, until it is stopped. Whoever takes one tells the cursor that it has
 * begun before asking for the next.
 */
export async function* sourceRequests(
  { cursor, signals, log, archive, idle, onOvertaken }: RequestSourceOptions,
  stop: AbortSignal,
): AsyncGenerator<SourcedRequest, void, undefined> {
  let position = cursor.nextPosition(signals);
  const isWanted = (request: { readonly signal: Signal; readonly position: number }) => {
    return signals.includes(request.signal) && cursor.isWanted(request.signal, request.position);
  };
  while (!stop.aborted) {
    const followed = log.read(position);
    if (followed.kind === 'overtaken') {
      for (const signal of signals) {
        onOvertaken(signal, followed.through);
        for await (const request of archive.requests(signal, position, followed.through)) {
          if (stop.aborted) return;
          if (isWanted(request)) yield request;
        }
        cursor.pass(signal, followed.through);
      }
      position = followed.through + 1;
      continue;
    }
    for (const { body: bytes, ...frame } of followed.frames) {
      if (stop.aborted) return;
      if (isWanted(frame)) yield { ...frame, bytes };
    }
    const last = followed.frames.at(-1)?.position;
    if (last === undefined) await idle(stop);
    else {
      for (const signal of signals) cursor.pass(signal, last);
      position = last + 1;
    }
  }
}
