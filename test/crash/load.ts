/**
 * Sends all signals over HTTP and gRPC until it is stopped, and records which were acknowledged.
 */
import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { Client, credentials } from '@grpc/grpc-js';
import { exportMethodPath } from '../../src/shared/otlp-messages.ts';
import { type Signal, signals } from '../../src/shared/signal.ts';
import {
  field,
  fixed64Field,
  join,
  message,
  requestOf,
  stringAttribute,
} from '../columns/wire-writer.ts';

export interface Account {
  /** Names of the items in requests that were answered with success. */
  readonly acknowledged: Set<string>;
  /**
   * Names of the items in requests that were refused or never answered. They may be archived once.
   */
  readonly others: Set<string>;
}

/**
 * Names an item of any signal. The id is the span id; other signals have it in the attribute `id`.
 */
export function itemName(signal: Signal, id: string): string {
  return `${signal} ${id}`;
}

/** Number of senders. Each sends its next request after its last one was answered. */
const senderCount = 4;

/** The most items in one request. */
const itemsMax = 40;

/** Each item has some text, so that batches have a realistic size. */
const text = 'some text that makes an item as long as items are '.repeat(3);

/** The content of a span, a metric with one point, or a log record. */
const toItem: Readonly<Record<Signal, (id: Buffer) => Buffer>> = {
  traces: (id) => join(field(2, id), field(5, text)),
  metrics: (id) => {
    const point = join(fixed64Field(6, 42), message(7, stringAttribute('id', id.toString('hex'))));
    return join(field(1, 'queue.length'), field(2, text), message(5, field(1, point)));
  },
  logs: (id) => {
    const attributes = message(6, stringAttribute('id', id.toString('hex')));
    return join(message(5, field(1, text)), attributes);
  },
};

export class Load {
  readonly #account: Account;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #client: Client;
  readonly #httpPort: number;
  #isStopped = false;

  constructor(ports: { readonly http: number; readonly grpc: number }, account: Account) {
    this.#account = account;
    this.#httpPort = ports.http;
    this.#client = new Client(`127.0.0.1:${ports.grpc}`, credentials.createInsecure());
  }

  /** Resolves after `stop`, when every request has been answered or has failed. */
  async run(): Promise<void> {
    const senders = Array.from({ length: senderCount }, (_, index) => this.#send(index % 2 === 0));
    await Promise.all(senders);
    this.#agent.destroy();
    this.#client.close();
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #send(overHttp: boolean): Promise<void> {
    while (!this.#isStopped) {
      const signal = signals[Math.floor(Math.random() * signals.length)]!;
      const itemCount = 1 + Math.floor(Math.random() * itemsMax);
      const ids = Array.from({ length: itemCount }, () => randomBytes(8));
      const body = requestOf(...ids.map(toItem[signal]));
      const sent = overHttp ? this.#postHttp(signal, body) : this.#callGrpc(signal, body);
      const names = (await sent) ? this.#account.acknowledged : this.#account.others;
      for (const id of ids) names.add(itemName(signal, id.toString('hex')));
    }
  }

  #postHttp(signal: Signal, body: Uint8Array): Promise<boolean> {
    return new Promise((resolve) => {
      const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.length };
      const path = `/v1/${signal}`;
      const options = { host: '127.0.0.1', port: this.#httpPort, path, headers };
      const sent = request({ ...options, method: 'POST', agent: this.#agent }, (response) => {
        response.resume();
        response.on('close', () => resolve(response.complete && response.statusCode === 200));
      });
      sent.on('error', () => setTimeout(() => resolve(false), 20));
      sent.end(body);
    });
  }

  #callGrpc(signal: Signal, body: Uint8Array): Promise<boolean> {
    const bytes = (message: Buffer) => message;
    return new Promise((resolve) => {
      const deadline = Date.now() + 5_000;
      const done = (error: unknown) => {
        if (error === null) resolve(true);
        else setTimeout(() => resolve(false), 20);
      };
      const path = exportMethodPath(signal);
      this.#client.makeUnaryRequest(path, bytes, bytes, Buffer.from(body), { deadline }, done);
    });
  }
}
