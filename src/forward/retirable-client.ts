/** A client that can be replaced: it closes when its last request in flight has its answer. */
import type { Answer } from '../client/answer.ts';
import type { OtlpClient } from '../client/client-port.ts';
import type { Signal } from '../shared/signal.ts';

export class RetirableClient implements OtlpClient {
  readonly #client: OtlpClient;
  #inFlightCount = 0;
  #isRetired = false;

  constructor(client: OtlpClient) {
    this.#client = client;
  }

  async send(signal: Signal, body: Uint8Array, stop?: AbortSignal): Promise<Answer> {
    this.#inFlightCount += 1;
    try {
      return await this.#client.send(signal, body, stop);
    } finally {
      this.#inFlightCount -= 1;
      if (this.#isRetired) this.retire();
    }
  }

  /** Closes the client now, or when no request is in flight any more. Begin no request after it. */
  retire(): void {
    this.#isRetired = true;
    if (this.#inFlightCount === 0) this.close();
  }

  close(): void {
    this.#client.close();
  }
}
