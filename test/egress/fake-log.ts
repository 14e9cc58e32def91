/** A log and an archive in memory, for tests of what follows them. */
import type { ArchivePort, LoggedRequest, LogPort } from '../../src/egress/request-source.ts';
import type { Signal } from '../../src/shared/signal.ts';

export class FakeLog {
  readonly #requests: LoggedRequest[] = [];
  /** What has left the log: all up to it are in the archive alone. */
  overtakenThrough = 0;
  /** Frames that a read gives at most. */
  framesMax = 3;
  readonly archiveReads: string[] = [];

  /** Appends a request whose body is its position as text. */
  add(position: number, signal: Signal = 'traces'): void {
    const body = Buffer.from(String(position));
    this.#requests.push({ signal, position, receivedTimeNs: BigInt(position), body });
  }

  /** As retention does, of segments. */
  forget(positions: readonly number[]): void {
    const kept = this.#requests.filter(({ position }) => !positions.includes(position));
    this.#requests.splice(0, this.#requests.length, ...kept);
  }

  readonly log: LogPort = {
    read: (position) => {
      if (position <= this.overtakenThrough) {
        return { kind: 'overtaken', through: this.overtakenThrough };
      }
      const frames = this.#requests.filter((request) => request.position >= position);
      return { kind: 'frames', frames: frames.slice(0, this.framesMax) };
    },
    oldestPosition: () => this.overtakenThrough + 1,
    close: () => {},
  };

  readonly archive: ArchivePort = {
    requests: async function* (this: FakeLog, signal: Signal, from: number, through: number) {
      this.archiveReads.push(`${signal} ${from}-${through}`);
      for (const { body: bytes, ...request } of this.#requests) {
        const { position } = request;
        const isMeant = request.signal === signal && position >= from && position <= through;
        if (isMeant) yield { ...request, bytes };
      }
    }.bind(this),
  };
}
