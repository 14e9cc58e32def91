/** A log and an archive in memory, for tests of what follows them. */
import type { ArchivePort, LoggedRequest, LogPort } from '../../src/forward/request-source.ts';
import type { Signal } from '../../src/shared/signal.ts';

export class FakeLog {
  readonly #requests: LoggedRequest[] = [];
  /** Positions that the log does not give, nor the archive. */
  readonly #forgotten = new Set<number>();
  /** What has left the log: all up to it are in the archive alone. */
  overtakenThrough = 0;
  /** Below it all are in segments; unless set, what has left the log. */
  archivedBelow: number | undefined;
  /** Frames that a read gives at most. */
  framesMax = 3;
  /** Of the request after the last, unless set. */
  next: number | undefined;
  /** Thrown by the next reads, one after the other. */
  readonly faults: Error[] = [];
  readonly archiveReads: string[] = [];
  logReadCount = 0;
  closeCount = 0;

  /** Appends a request whose body is its position as text, unless one is given. */
  add(
    position: number,
    signal: Signal = 'traces',
    body: Uint8Array = Buffer.from(String(position)),
  ): void {
    this.#requests.push({ signal, position, receivedTimeNs: BigInt(position), body });
  }

  /** As retention does, of segments. */
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
        const isMeant = request.signal === signal && position >= from && position <= through;
        if (isMeant && !this.#forgotten.has(position)) yield { ...request, bytes };
      }
    }.bind(this),
  };
}
