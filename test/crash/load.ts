/** Sends spans over HTTP and gRPC until told to stop, and keeps account of what was acknowledged. */
import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { Client, credentials } from '@grpc/grpc-js';
import { exportMethodPath } from '../../src/shared/otlp-messages.ts';
import { field, requestOf } from '../columns/wire-writer.ts';

export interface Account {
  /** Hex span ids of requests that were answered with success. */
  readonly acknowledged: Set<string>;
  /** Of requests that were refused or never answered: they may be archived once, or not. */
  readonly others: Set<string>;
}

/** At once under way; each sends the next when its last one was answered. */
const senderCount = 4;

/** Spans of one request, up to so many; each has some text, so that batches have a size. */
const spansMax = 40;

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

  /** Resolves when it was stopped and every request has its answer or none will come. */
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
      const ids = Array.from({ length: 1 + Math.floor(Math.random() * spansMax) }, () =>
        randomBytes(8),
      );
      const text = 'some text that makes a span as long as spans are '.repeat(3);
      const body = requestOf(...ids.map((id) => Buffer.concat([field(2, id), field(5, text)])));
      const isAcknowledged = await (overHttp ? this.#postHttp(body) : this.#callGrpc(body));
      const names = isAcknowledged ? this.#account.acknowledged : this.#account.others;
      for (const id of ids) names.add(id.toString('hex'));
    }
  }

  #postHttp(body: Uint8Array): Promise<boolean> {
    return new Promise((resolve) => {
      const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.length };
      const options = { host: '127.0.0.1', port: this.#httpPort, path: '/v1/traces', headers };
      const sent = request({ ...options, method: 'POST', agent: this.#agent }, (response) => {
        response.resume();
        response.on('close', () => resolve(response.complete && response.statusCode === 200));
      });
      sent.on('error', () => setTimeout(() => resolve(false), 20));
      sent.end(body);
    });
  }

  #callGrpc(body: Uint8Array): Promise<boolean> {
    const bytes = (message: Buffer) => message;
    return new Promise((resolve) => {
      const deadline = Date.now() + 5_000;
      const done = (error: unknown) => {
        if (error === null) resolve(true);
        else setTimeout(() => resolve(false), 20);
      };
      const path = exportMethodPath('traces');
      this.#client.makeUnaryRequest(path, bytes, bytes, Buffer.from(body), { deadline }, done);
    });
  }
}
