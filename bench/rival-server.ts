/** Rivals in Node itself: receiving alone, and the simplest recorder that one would write. */
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { exportMethodPath, requestType } from '../src/shared/otlp-messages.ts';

/**
 * drop: ignores the body. drop-late: the same, but answers late. json-lines: decodes the body with
 * protobufjs and appends it to a file as JSON.
 */
export type RivalWork = 'drop' | 'drop-late' | 'json-lines';

/** The only argument of the process, in JSON. */
export interface RivalStart {
  readonly work: RivalWork;
  /** Path of the file that is written, if any. */
  readonly path: string;
}

/** Handles a body, and calls back when it may be acknowledged. */
type Take = (body: Buffer, done: () => void) => void;

/** The delay of a distant destination with a queue. */
const lateMs = 500;

const bodyBytesMax = 64 * 1024 * 1024;

const start: RivalStart = JSON.parse(process.argv[2] ?? '');
const take = start.work === 'json-lines' ? appendLines(start.path) : takeNothing;
process.once('disconnect', () => process.exit());
process.send?.({ http: await openHttp(take), grpc: await openGrpc(take) });

function takeNothing(_body: Buffer, done: () => void): void {
  if (start.work === 'drop-late') setTimeout(done, lateMs);
  else done();
}

function appendLines(path: string): Take {
  const type = requestType('traces');
  const file = createWriteStream(path);
  return (body, done) => {
    file.write(`${JSON.stringify(type.decode(body))}\n`, () => done());
  };
}

function openHttp(take: Take): Promise<number> {
  const headers = { 'content-type': 'application/x-protobuf', 'content-length': '0' };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = start.work === 'json-lines' ? Buffer.concat(chunks) : Buffer.alloc(0);
      take(body, () => response.writeHead(200, headers).end());
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function openGrpc(take: Take): Promise<number> {
  const server = new Server({ 'grpc.max_receive_message_length': bodyBytesMax });
  const pass = (bytes: Buffer) => bytes;
  const method = {
    path: exportMethodPath('traces'),
    requestStream: false,
    responseStream: false,
    requestSerialize: pass,
    requestDeserialize: pass,
    responseSerialize: pass,
    responseDeserialize: pass,
  };
  const answer = Buffer.alloc(0);
  server.addService(
    { export: method },
    {
      export: (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) =>
        take(call.request, () => callback(null, answer)),
    },
  );
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });
}
