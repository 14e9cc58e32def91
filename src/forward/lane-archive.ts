/** What one lane of this recorder has archived, as forwarding asks for it. */

import {
  type ArchiveFault,
  ArchiveReader,
  type ArchiveReaderOptions,
} from '../query/archive-reader.ts';
import { rebuildRequests } from '../query/archived-requests.ts';
import type { Signal } from '../shared/signal.ts';
import type { ArchivePort, SourcedRequest } from './request-source.ts';

export interface LaneArchiveOptions extends ArchiveReaderOptions {
  /** Segments of others are left out. */
  readonly recorderId: string;
  readonly lane: number;
  /** Told of what cannot be read, and so not be given. */
  readonly onFault: (fault: ArchiveFault) => void;
}

export class LaneArchive implements ArchivePort {
  readonly #options: LaneArchiveOptions;
  readonly #reader: ArchiveReader;

  constructor(options: LaneArchiveOptions) {
    this.#options = options;
    this.#reader = new ArchiveReader(options);
  }

  async *requests(
    signal: Signal,
    from: number,
    through: number,
  ): AsyncGenerator<SourcedRequest, void, undefined> {
    const { recorderId: recorder, lane, onFault } = this.#options;
    const positions = { recorder, lane, from: BigInt(from), through: BigInt(through) };
    const batches = this.#reader.batches(this.#reader.plan(signal, { positions }));
    for await (const found of rebuildRequests(signal, batches)) {
      if (found.kind === 'fault') onFault(found);
      else {
        const { position, receivedTime: receivedTimeNs, bytes } = found;
        yield { signal, position, receivedTimeNs, bytes };
      }
    }
  }
}
