/** A destination with scripted answers over HTTP or gRPC, for tests of clients. */
import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Signal } from '../../src/shared/signal.ts';
import { openGrpcServer } from './fake-grpc-server.ts';
import { openHttpServer } from './fake-http-server.ts';
import { signalOfPath } from './fake-paths.ts';

/**
 * A complete HTTP answer. Over gRPC it stands for a proxy that answers instead of the destination.
 */
export interface HttpReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Answers before the request has been read, then closes the connection. */
  readonly isEarly?: true;
}

export interface GrpcReply {
  readonly code: number;
  readonly details?: string;
  /** Value of the trailer grpc-status-details-bin. */
  readonly statusDetails?: Uint8Array;
  readonly body?: Uint8Array;
}

/**
 * hang: no answer. reset: the connection is cut. garbage: bytes of another protocol. drip: a
 * successful answer begins, continues byte by byte and never ends. flood: an answer never ends and
 * is sent as fast as it is read. cut: an answer breaks off.
 */
export type Misbehaviour = 'hang' | 'reset' | 'garbage' | 'drip' | 'flood' | 'cut';

export type Reply = HttpReply | GrpcReply | Misbehaviour;

export interface ReceivedRequest {
  /** Undefined if the path is not an OTLP path. */
  readonly signal: Signal | undefined;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The body after decompression. */
  readonly body: Buffer;
}

/** Returns the replies one after another. Without further replies, requests succeed. */
export class Script {
  readonly received: ReceivedRequest[] = [];
  readonly #replies: Reply[];
  /** The reply after the last scripted one; undefined for success. */
  otherwise: Reply | undefined;

  constructor(replies: readonly Reply[]) {
    this.#replies = [...replies];
  }

  add(...replies: readonly Reply[]): void {
    this.#replies.push(...replies);
  }

  /** Returns the reply to the next request. It is chosen before the request is read. */
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
  /** If set, clients must present a certificate of this authority. */
  readonly clientAuthority?: Buffer;
}

export interface FakeOptions {
  readonly replies?: readonly Reply[];
  readonly tls?: FakeTls;
  readonly host?: string;
  /** If 0, the system chooses a free port. */
  readonly port?: number;
}

export interface FakeDestination {
  readonly port: number;
  readonly script: Script;
  readonly received: readonly ReceivedRequest[];
  /** Returns the number of open connections. */
  connectionCount(): number;
  /** Stops listening and cuts all connections. */
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

/** Returns a port of this machine on which nothing listens. */
export async function unusedPort(): Promise<number> {
  const { port, close } = await openFakeDestination('http');
  await close();
  return port;
}
