/** What the pieces of an export are written to: a file that is there whole or not, or a stream. */
import { AtomicFile } from '../../disk/atomic-file.ts';
import type { Storage } from '../../disk/storage.ts';

export interface ExportTarget {
  readonly bytes: number;
  /** The piece is not to be changed any more. */
  write(piece: Uint8Array): Promise<void>;
  /** Resolves when all is where it belongs. */
  finish(): Promise<void>;
  /** Takes back what can be taken back. */
  abandon(): void;
}

export function openFileTarget(storage: Storage, path: string): ExportTarget {
  const file = new AtomicFile(storage, path, process.pid);
  return {
    get bytes() {
      return file.bytes;
    },
    write: async (piece) => file.append(piece),
    finish: async () => file.commit(),
    abandon: () => file.abandon(),
  };
}

/** Waits for who reads it. Rejects when nobody reads any more. */
export class StreamTarget implements ExportTarget {
  readonly #stream: NodeJS.WritableStream;
  #bytes = 0;

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream;
    // Each write says why it failed; without a listener the process would end with the first.
    stream.on('error', () => {});
  }

  get bytes(): number {
    return this.#bytes;
  }

  async write(piece: Uint8Array): Promise<void> {
    await this.#write(piece);
    this.#bytes += piece.byteLength;
  }

  async finish(): Promise<void> {
    await this.#write('');
  }

  abandon(): void {
    // What was written has been read already.
  }

  #write(piece: Uint8Array | string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.write(piece, (error) => (error ? reject(error) : resolve()));
    });
  }
}
