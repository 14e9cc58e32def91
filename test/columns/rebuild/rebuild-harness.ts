/** Decodes requests into columns and rebuilds them. */
import {
  type RebuildFault,
  type RebuiltRequest,
  RequestRebuilder,
} from '../../../src/columns/request-rebuilder.ts';
import { type Signal, signalNumber } from '../../../src/shared/signal.ts';
import { type ArchiveColumns, archiveBatch, archiveColumns } from '../archive-batch.ts';
import { DecoderHarness } from '../decode/decoder-harness.ts';

export class RebuildHarness {
  readonly signal: Signal;
  readonly #decoder: DecoderHarness;

  constructor(signal: Signal) {
    this.signal = signal;
    this.#decoder = new DecoderHarness(signal);
  }

  /**
   * Decodes a request behind the rows held. Returns how many rows it has; negative if it is
   * refused.
   */
  decode(request: Uint8Array): number {
    return this.#decoder.decode(request);
  }

  reset(): void {
    this.#decoder.reset();
  }

  get rows(): number {
    return this.#decoder.decoder.rows(signalNumber(this.signal));
  }

  /** Returns the columns of the rows held. */
  columns(): ArchiveColumns {
    return archiveColumns(this.signal, this.#decoder.buffers());
  }

  /** Returns the requests that are rebuilt from the rows held. */
  rebuild(isSelected?: (row: number) => boolean): (RebuiltRequest | RebuildFault)[] {
    const batch = archiveBatch(this.rows, this.columns());
    return [...new RequestRebuilder(this.signal).rebuild(batch, isSelected)];
  }

  /** Returns the request that is rebuilt from one request, which must have rows. */
  rebuildOne(request: Uint8Array, isSelected?: (row: number) => boolean): Buffer {
    this.reset();
    const rows = this.decode(request);
    if (rows <= 0) throw new Error(`the decoder gave ${rows}`);
    const [rebuilt, ...more] = this.rebuild(isSelected);
    if (rebuilt?.kind !== 'request' || more.length > 0) {
      throw new Error(`not one request: ${rebuilt?.kind === 'fault' ? rebuilt.what : more.length}`);
    }
    return Buffer.from(rebuilt.bytes);
  }
}
