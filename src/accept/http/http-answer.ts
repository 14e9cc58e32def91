/** Writes the reply to an HTTP request, also to one whose body is still on its way. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Refusal } from '../reply.ts';
import type { BodyFormat } from './request-plan.ts';

/**
 * A client that is still sending may not look at the reply before it has sent everything, and loses
 * it when the connection is closed under its hands. So the rest of a refused body is read and
 * dropped, up to these bounds: the bytes of the largest request, and the time that exporters wait,
 * both by default.
 */
const droppedBytesMax = 64 * 1024 * 1024;
const dropMsMax = 10_000;

const contentTypes = { protobuf: 'application/x-protobuf', json: 'application/json' } as const;

/** An Export…ServiceResponse without any field. */
const emptyResponses = { protobuf: Buffer.alloc(0), json: Buffer.from('{}') } as const;

const acceptedHeaders = {
  protobuf: replyHeaders('protobuf', emptyResponses.protobuf),
  json: replyHeaders('json', emptyResponses.json),
} as const;

/** The body must have been read to its end. */
export function sendAccepted(response: ServerResponse, format: BodyFormat): void {
  response.writeHead(200, acceptedHeaders[format]);
  response.end(emptyResponses[format]);
}

/** For a request at any stage of its body. */
export function sendRefusal(response: ServerResponse, format: BodyFormat, refusal: Refusal): void {
  const body = refusal[format];
  response.writeHead(refusal.httpStatus, [...replyHeaders(format, body), ...refusal.httpHeaders]);
  if (response.req.complete) {
    response.end(body);
    return;
  }
  // Having the bytes that Content-Length promises, the client has the reply before it is ended.
  response.write(body);
  dropRest(response.req, () => response.end());
}

function replyHeaders(format: BodyFormat, body: Buffer): string[] {
  return ['content-type', contentTypes[format], 'content-length', String(body.length)];
}

/** Calls back when the body has ended; beyond the bounds the connection ends instead. */
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
