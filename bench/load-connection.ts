/**
 * The connections of a client, as cheap as possible: prepared bytes, one request at a time on each
 * connection.
 */
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { exportMethodPath } from '../src/shared/otlp-messages.ts';

export type Transport = 'http' | 'grpc';

export interface LoadConnection {
  /**
   * Resolves with true if the request with this number was accepted. The next request is sent only
   * after the answer.
   */
  send(requestNumber: number): Promise<boolean>;
  close(): void;
}

/** Prepared once from the bodies, for all connections. */
export type OpenConnection = (port: number) => Promise<LoadConnection>;

export function prepareConnections(
  transport: Transport,
  bodies: readonly Buffer[],
): OpenConnection {
  const requests = bodies.map(transport === 'http' ? httpRequest : grpcMessage);
  const open = transport === 'http' ? openHttp : openGrpc;
  return (port) => open(port, requests);
}

function httpRequest(body: Buffer): Buffer {
  const head = [
    'POST /v1/traces HTTP/1.1',
    'host: 127.0.0.1',
    'content-type: application/x-protobuf',
    `content-length: ${body.length}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}

/** The gRPC frame: a byte for "not compressed", the length, the message. */
function grpcMessage(body: Buffer): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(body.length, 1);
  return Buffer.concat([prefix, body]);
}

async function openHttp(port: number, requests: readonly Buffer[]): Promise<LoadConnection> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return {
    send: (number) => {
      socket.write(requests[number % requests.length]!);
      return readAnswer(socket);
    },
    close: () => socket.destroy(),
  };
}

/** Reads answers, which arrive whole or in pieces. Each answer states its length. */
function readAnswer(socket: Socket): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const take = (chunk: Buffer) => {
      answer += chunk.toString('latin1');
      const headLength = answer.indexOf('\r\n\r\n') + 4;
      if (headLength < 4) return;
      const bodyLength = Number(/^content-length: *(\d+)/im.exec(answer)?.[1] ?? 0);
      if (answer.length < headLength + bodyLength) return;
      socket.off('data', take).off('close', fail);
      resolve(answer.startsWith('HTTP/1.1 200'));
    };
    const fail = () => reject(new Error('the server ended a connection before its answer'));
    socket.on('data', take).once('close', fail);
  });
}

async function openGrpc(port: number, requests: readonly Buffer[]): Promise<LoadConnection> {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  await new Promise((resolve, reject) => session.once('connect', resolve).once('error', reject));
  const head = {
    ':method': 'POST',
    ':path': exportMethodPath('traces'),
    'content-type': 'application/grpc',
    te: 'trailers',
  };
  const send = (number: number) =>
    new Promise<boolean>((resolve, reject) => {
      const stream = session.request(head);
      let isAccepted = false;
      stream.on('trailers', (trailers) => {
        isAccepted = trailers['grpc-status'] === '0';
      });
      stream.once('close', () => resolve(isAccepted)).once('error', reject);
      stream.resume();
      stream.end(requests[number % requests.length]!);
    });
  return { send, close: () => session.destroy() };
}
