/** Warns once about senders that write trace and span ids as hex text into protobuf. */
import type { RequestDecoder } from '../columns/request-decoder.ts';
import type { Journal } from '../shared/journal.ts';

/*
 * OTLP/JSON has ids as hex text, protobuf has them as 16 or 8 bytes. Senders that confuse the two
 * write 32 or 16 bytes. The ids are kept as they were sent, so that nothing is lost, but they match
 * no id that another sender writes.
 */
export class HexIdWarning {
  readonly #decoder: Pick<RequestDecoder, 'hexTextIdCount'>;
  readonly #journal: Journal;
  #isWritten = false;

  constructor(decoder: Pick<RequestDecoder, 'hexTextIdCount'>, journal: Journal) {
    this.#decoder = decoder;
    this.#journal = journal;
  }

  /** Writes one line after the first such ids. Call this after each turn of the lane. */
  check(): void {
    if (this.#isWritten) return;
    const ids = this.#decoder.hexTextIdCount();
    if (ids === 0) return;
    this.#isWritten = true;
    const message =
      'a sender writes ids as hex text into protobuf; they are kept as they were sent';
    this.#journal.write('warn', message, { ids });
  }
}
