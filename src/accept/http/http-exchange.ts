/** One OTLP/HTTP request, from its gathered body to its reply. */
import type { ServerResponse } from 'node:http';
import type { Outcome } from '../../shared/outcome.ts';
import type { Signal } from '../../shared/signal.ts';
import type { BodyResult } from '../body/body.ts';
import { otlpFromJson } from '../json/otlp-json.ts';
import type { ReceiverOptions } from '../receiver.ts';
import { malformed, noRoom, type Refusal, refusalOf, requestTooLarge, tooDeep } from '../reply.ts';
import { sendAccepted, sendRefusal } from './http-answer.ts';
import type { BodyFormat } from './request-plan.ts';

/** Sends and counts exactly one reply, or none if the client has disconnected. */
export class HttpExchange {
  readonly #options: ReceiverOptions;
  readonly #response: ServerResponse;
  /** Undefined if the path belongs to no signal. */
  readonly #signal: Signal | undefined;
  readonly #format: BodyFormat;

  constructor(
    options: ReceiverOptions,
    response: ServerResponse,
    signal: Signal | undefined,
    format: BodyFormat,
  ) {
    this.#options = options;
    this.#response = response;
    this.#signal = signal;
    this.#format = format;
  }

  refuse(refusal: Refusal): void {
    if (this.#isClosed()) return;
    this.#count(refusal.httpStatus);
    this.#options.logRefusal({
      status: `OTLP/HTTP ${refusal.httpStatus}`,
      reason: refusal.code,
      message: refusal.message,
      sender: this.#response.socket?.remoteAddress,
    });
    sendRefusal(this.#response, this.#format, refusal);
  }

  takeBody(signal: Signal, result: BodyResult): void {
    switch (result.kind) {
      case 'body':
        if (this.#format === 'json') this.#takeJson(signal, result.chunks, result.bytes);
        else this.#submit(signal, result.chunks, result.bytes);
        break;
      case 'too_large':
        this.refuse(requestTooLarge(this.#options.requestBytesMax));
        break;
      case 'no_room':
        this.refuse(noRoom);
        break;
      case 'malformed':
        this.refuse(malformed(signal, result.reason));
        break;
      case 'aborted':
        break;
    }
  }

  #takeJson(signal: Signal, chunks: readonly Uint8Array[], bytes: number): void {
    const { intake, requestBytesMax } = this.#options;
    // The text and its values are not counted: they exist only during this call.
    const result = otlpFromJson(signal, Buffer.concat(chunks, bytes));
    intake.release(bytes);
    if (result.kind === 'malformed') this.refuse(malformed(signal, result.reason));
    else if (result.kind === 'too_deep') this.refuse(tooDeep);
    else if (result.bytes.length > requestBytesMax) this.refuse(requestTooLarge(requestBytesMax));
    else if (!intake.reserve(result.bytes.length)) this.refuse(noRoom);
    else this.#submit(signal, [result.bytes], result.bytes.length);
  }

  #submit(signal: Signal, chunks: readonly Uint8Array[], bytes: number): void {
    void this.#options.intake.submit(signal, chunks, bytes).then((outcome) => {
      this.#answer(signal, outcome);
    });
  }

  #answer(signal: Signal, outcome: Outcome): void {
    if (outcome !== 'accepted') {
      this.refuse(refusalOf(outcome, signal));
    } else if (!this.#isClosed()) {
      this.#count(200);
      sendAccepted(this.#response, this.#format);
    }
  }

  /** The reply is marked as destroyed some moments after its connection, so both are checked. */
  #isClosed(): boolean {
    return this.#response.destroyed || this.#response.socket?.destroyed === true;
  }

  #count(httpStatus: number): void {
    this.#options.countRequest(this.#signal, 'http', httpStatus);
  }
}
