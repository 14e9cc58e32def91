/** A destination with scripted answers over HTTP or gRPC, for tests of clients. */
import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Signal } from '../../src/shared/signal.ts';
import { openGrpcServer } from './fake-grpc-server.ts';
import { openHttpServer } from './fake-http-server.ts';
import { signalOfPath } from './fake-paths.ts';

/** A whole answer; gRPC gives it too where a proxy answers in the destination's place. */
export interface HttpReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Given before the request has been read, and the connection is closed then. */
  readonly isEarly?: true;
}

export interface GrpcReply {
  readonly code: number;
  readonly details?: string;
  /** Of the trailer grpc-status-details-bin. */
  readonly statusDetails?: Uint8Array;
  readonly body?: Uint8Array;
}

/**
 * hang: no answer. reset: the connection is cut. garbage: bytes of no protocol. drip: an answer of
 * success that begins, goes on byte by byte and never ends. flood: one that never ends, as fast as
 * it is read. cut: one that breaks off.
 */
export type Misbehaviour = 'hang' | 'reset' | 'garbage' | 'drip' | 'flood' | 'cut';

export type Reply = HttpReply | GrpcReply | Misbehaviour;

export interface ReceivedRequest {
  /** Undefined on a path that is none of OTLP. */
  readonly signal: Signal | undefined;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Inflated. */
  readonly body: Buffer;
}

/** Gives the replies one after the other; when there are none left, success. */
export class Script {
  readonly received: ReceivedRequest[] = [];
  readonly #replies: Reply[];
  /** Instead of success. */
  otherwise: Reply | undefined;

  constructor(replies: readonly Reply[]) {
    this.#replies = [...replies];
  }

  add(...replies: readonly Reply[]): void {
    this.#replies.push(...replies);
  }

  /** What the next request is answered with, before it is read. */
  next(): Reply | undefined {
    return this.#replies.shift() ?? this.otherwise;
  }

  take(path: string, headers: IncomingHttpHeaders, body: Buffer): void {
    this.received.push({ signal: signalOfPath(path), path, headers, body });
  }
}

export interface FakeTls {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Demands a certificate of this authority. */
  readonly clientAuthority?: Buffer;
}

export interface FakeOptions {
  readonly replies?: readonly Reply[];
  readonly tls?: FakeTls;
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port?: number;
}

export interface FakeDestination {
  readonly port: number;
  readonly script: Script;
  readonly received: readonly ReceivedRequest[];
  /** Connections that are open now. */
  connectionCount(): number;
  /** Cuts all connections. */
  close(): Promise<void>;
}

export async function openFakeDestination(
  protocol: 'http' | 'grpc',
  { replies = [], tls, host = '127.0.0.1', port = 0 }: FakeOptions = {},
): Promise<FakeDestination> {
  const script = new Script(replies);
  const server: Server =
    protocol === 'http' ? openHttpServer(script, tls) : openGrpcServer(script, tls);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    script,
    received: script.received,
    connectionCount: () => sockets.size,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** A port of this machine where nobody listens. */
export async function unusedPort(): Promise<number> {
  const { port, close } = await openFakeDestination('http');
  await close();
  return port;
}
