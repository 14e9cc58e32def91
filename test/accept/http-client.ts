/** HTTP clients for tests: a plain one, and a socket that sends what no client would. */
import { type Agent, type IncomingHttpHeaders, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { statusFromProtobuf } from '../../src/shared/google-rpc.ts';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Call {
  readonly port: number;
  /** Sent with Content-Length when one, chunked when several. */
  readonly body?: Uint8Array | readonly Uint8Array[];
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
}

export const protobufType = { 'content-type': 'application/x-protobuf' };
export const jsonType = { 'content-type': 'application/json' };

/** Sends all of the body, whatever comes back meanwhile. */
export function send(call: Call): Promise<Reply> {
  const { port, body = [], method = 'POST', path = '/v1/traces', headers, agent } = call;
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, host: '127.0.0.1', method, path, headers, agent }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.on('error', reject);
      reply.on('end', () => {
        const { statusCode = 0, headers: received } = reply;
        resolve({ status: statusCode, headers: received, body: Buffer.concat(chunks) });
      });
    });
    outgoing.on('error', reject);
    if (body instanceof Uint8Array) outgoing.end(body);
    else {
      for (const chunk of body) outgoing.write(chunk);
      outgoing.end();
    }
  });
}

/** Reads the status of a refusal in the content type of the reply. */
export function statusOf({ headers, body }: Reply): { code: number; message: string } {
  if (headers['content-type'] === 'application/json') return JSON.parse(body.toString());
  return statusFromProtobuf(body);
}

/** A connection that sends raw bytes and keeps what comes back. */
export class RawClient {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  received = '';
  error: Error | undefined;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1');
    });
    this.socket.on('error', (error) => {
      this.error = error;
    });
    this.closed = new Promise((resolve) => this.socket.on('close', () => resolve()));
  }

  send(text: string | Uint8Array): void {
    this.socket.write(text);
  }

  /** Resolves when the bytes received match; rejects after ten seconds. */
  async receives(pattern: RegExp): Promise<void> {
    const deadline = performance.now() + 10_000;
    while (!pattern.test(this.received)) {
      if (performance.now() > deadline) throw new Error(`received only ${this.received}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
