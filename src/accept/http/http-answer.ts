/** Writes the reply to an HTTP request, even while its body is still arriving. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Refusal } from '../reply.ts';
import type { BodyFormat } from './request-plan.ts';

/**
 * A client that is still sending may not read the reply until it has sent everything, and never
 * reads it if the connection closes before. So the rest of a refused body is read and dropped, up
 * to these limits. They are the default size of the largest request and the default timeout of
 * exporters.
 */
const droppedBytesMax = 64 * 1024 * 1024;
const dropMsMax = 10_000;

const contentTypes = { protobuf: 'application/x-protobuf', json: 'application/json' } as const;

/** An Export…ServiceResponse without fields. */
const emptyResponses = { protobuf: Buffer.alloc(0), json: Buffer.from('{}') } as const;

const acceptedHeaders = {
  protobuf: replyHeaders('protobuf', emptyResponses.protobuf),
  json: replyHeaders('json', emptyResponses.json),
} as const;

/** The body of the request must have been read to its end. */
export function sendAccepted(response: ServerResponse, format: BodyFormat): void {
  response.writeHead(200, acceptedHeaders[format]);
  response.end(emptyResponses[format]);
}

/** May be called at any moment, however much of the body has been read. */
export function sendRefusal(response: ServerResponse, format: BodyFormat, refusal: Refusal): void {
  const body = refusal[format];
  response.writeHead(refusal.httpStatus, [...replyHeaders(format, body), ...refusal.httpHeaders]);
  if (response.req.complete) {
    response.end(body);
    return;
  }
  // Content-Length tells the client that the reply is complete, although it is not ended yet.
  response.write(body);
  dropRest(response.req, () => response.end());
}

function replyHeaders(format: BodyFormat, body: Buffer): string[] {
  return ['content-type', contentTypes[format], 'content-length', String(body.length)];
}

/** Calls `done` when the body has ended; closes the connection if it exceeds the limits. */
function dropRest(request: IncomingMessage, done: () => void): void {
  let droppedBytes = 0;
  const timer = setTimeout(() => request.destroy(), dropMsMax);
  request.on('data', (chunk: Uint8Array) => {
    droppedBytes += chunk.length;
    if (droppedBytes > droppedBytesMax) request.destroy();
  });
  request.on('end', () => {
    clearTimeout(timer);
    done();
  });
  request.on('close', () => clearTimeout(timer));
  request.on('error', () => {});
  request.resume();
}
