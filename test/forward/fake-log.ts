/** A log and an archive in memory. */
import type { ArchivePort, LoggedRequest, LogPort } from '../../src/forward/request-source.ts';
import type { Signal } from '../../src/shared/signal.ts';

export class FakeLog {
  readonly #requests: LoggedRequest[] = [];
  /** Positions that are missing in the archive. */
  readonly #forgotten = new Set<number>();
  /** Requests up to this position are only in the archive. */
  overtakenThrough = 0;
  /** Requests below this position are in segments. Default: `overtakenThrough` + 1. */
  archivedBelow: number | undefined;
  /** The most frames that a read returns. */
  framesMax = 3;
  /** The next position. Default: the one after the last request. */
  next: number | undefined;
  /** Errors that the next reads throw, one each. */
  readonly faults: Error[] = [];
  readonly archiveReads: string[] = [];
  logReadCount = 0;
  closeCount = 0;

  /** Appends a request. Its body is its position as text, unless a body is given. */
  add(
    position: number,
    signal: Signal = 'traces',
    body: Uint8Array = Buffer.from(String(position)),
  ): void {
    this.#requests.push({ signal, position, receivedTimeNs: BigInt(position), body });
  }

  /** Removes requests from the archive, as retention does. */
  forget(positions: readonly number[]): void {
    for (const position of positions) this.#forgotten.add(position);
  }

  readonly log: LogPort = {
    progress: () => ({
      next: this.next ?? (this.#requests.at(-1)?.position ?? 0) + 1,
      archivedBelow: this.archivedBelow ?? this.overtakenThrough + 1,
    }),
    read: (position) => {
      this.logReadCount += 1;
      const fault = this.faults.shift();
      if (fault !== undefined) throw fault;
      if (position <= this.overtakenThrough) {
        return { kind: 'overtaken', through: this.overtakenThrough };
      }
      const frames = this.#requests.filter((request) => request.position >= position);
      return { kind: 'frames', frames: frames.slice(0, this.framesMax) };
    },
    oldestPosition: () => this.overtakenThrough + 1,
    close: () => {
      this.closeCount += 1;
    },
  };

  readonly archive: ArchivePort = {
    requests: async function* (this: FakeLog, signal: Signal, from: number, through: number) {
      this.archiveReads.push(`${signal} ${from}-${through}`);
      for (const { body: bytes, ...request } of this.#requests) {
        const { position } = request;
        const isSelected = request.signal === signal && position >= from && position <= through;
        if (isSelected && !this.#forgotten.has(position)) yield { ...request, bytes };
      }
    }.bind(this),
  };
}
