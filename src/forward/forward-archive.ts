/**
 * The segments of one lane as forwarding reads them: rebuilt requests, with retries after faults.
 */
import {
  type ArchiveFault,
  ArchiveReader,
  type ArchiveReaderOptions,
} from '../query/archive-reader.ts';
import { rebuildRequests } from '../query/archived-requests.ts';
import type { Signal } from '../shared/signal.ts';
import { AttemptCounts } from './attempt-counts.ts';
import type { ArchivePort, SourcedRequest } from './request-source.ts';
import type { Warnings } from './warnings.ts';

/**
 * A short failure of the disk loses no request, and a damaged segment delays forwarding briefly.
 */
const attemptsMax = 5;

export interface ForwardArchiveOptions extends ArchiveReaderOptions {
  /** Segments of other recorders are left out. */
  readonly recorderId: string;
  readonly lane: number;
  readonly warnings: Warnings;
}

export class ForwardArchive implements ArchivePort {
  readonly #options: ForwardArchiveOptions;
  readonly #reader: ArchiveReader;
  readonly #attempts = new AttemptCounts();

  constructor(options: ForwardArchiveOptions) {
    this.#options = options;
    this.#reader = new ArchiveReader(options);
  }

  /**
   * Rejects at a fault, so that reading is tried again. After `attemptsMax` attempts at one place
   * it logs the fault and leaves out the requests there.
   */
  async *requests(
    signal: Signal,
    from: number,
    through: number,
  ): AsyncGenerator<SourcedRequest, void, undefined> {
    const { recorderId: recorder, lane } = this.#options;
    const positions = { recorder, lane, from: BigInt(from), through: BigInt(through) };
    const batches = this.#reader.batches(this.#reader.plan(signal, { positions }));
    for await (const found of rebuildRequests(signal, batches)) {
      if (found.kind === 'fault') this.#onFault(found);
      else {
        const { position, receivedTime: receivedTimeNs, bytes } = found;
        yield { signal, position, receivedTimeNs, bytes };
      }
    }
  }

  #onFault({ path, offset, what }: ArchiveFault): void {
    const count = this.#attempts.add(`${path} ${offset}`);
    if (count < attemptsMax) throw new Error(`${path}: ${what}`);
    const message = 'forwarding: requests in the archive cannot be read';
    this.#options.warnings.write(message, { path, offset, what }, 'error');
  }
}
