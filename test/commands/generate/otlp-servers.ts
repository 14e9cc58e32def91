/** Small OTLP servers for tests: they keep what comes in and answer as told. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { Metadata, Server, ServerCredentials, type ServiceError } from '@grpc/grpc-js';
import { exportMethodPath } from '../../../src/shared/otlp-messages.ts';

export interface Received {
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  /** Inflated. */
  readonly body: Buffer;
}

export interface HttpReply {
  readonly status: number;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: Uint8Array | string;
}

/** Instead of a reply: closes the connection, or says nothing. */
export type NoReply = 'hang up' | 'silence';

export interface TestServer<Kept> {
  readonly port: number;
  readonly received: Kept[];
  close(): Promise<void>;
}

const success: HttpReply = { status: 200, headers: { 'content-type': 'application/x-protobuf' } };

/** Gives the replies one after the other, then success. */
export async function openHttpServer(
  replies: readonly (HttpReply | NoReply)[] = [],
): Promise<TestServer<Received>> {
  const received: Received[] = [];
  const left = [...replies];
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const raw = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
    received.push({ path: request.url ?? '', headers: request.headers, body });
    const reply = left.shift() ?? success;
    if (reply === 'hang up') request.socket.destroy();
    else if (reply !== 'silence') response.writeHead(reply.status, reply.headers).end(reply.body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    received,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

export interface GrpcReply {
  readonly code: number;
  readonly details?: string;
  /** Of the trailer grpc-status-details-bin. */
  readonly statusDetails?: Uint8Array;
  readonly body?: Uint8Array;
}

/** Gives the replies one after the other, then success. */
export async function openGrpcServer(
  replies: readonly GrpcReply[] = [],
): Promise<TestServer<Buffer>> {
  const received: Buffer[] = [];
  const left = [...replies];
  const server = new Server();
  const asIs = (bytes: Buffer) => bytes;
  const method = {
    path: exportMethodPath('traces'),
    requestStream: false,
    responseStream: false,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
  server.addService(
    { Export: method },
    {
      Export: (
        call: { request: Buffer },
        callback: (error: Partial<ServiceError> | null, body?: Buffer) => void,
      ) => {
        received.push(call.request);
        const { code, details = '', statusDetails, body } = left.shift() ?? { code: 0 };
        if (code === 0) return callback(null, Buffer.from(body ?? []));
        const metadata = new Metadata();
        if (statusDetails) metadata.set('grpc-status-details-bin', Buffer.from(statusDetails));
        return callback({ code, details, metadata });
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { port, received, close: async () => server.forceShutdown() };
}

/** A port of this machine where nobody listens. */
export async function unusedPort(): Promise<number> {
  const server = await openHttpServer();
  await server.close();
  return server.port;
}
