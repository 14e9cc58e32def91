/** The gRPC side of a fake destination. It builds its frames itself, so that each can be wrong. */
import http2 from 'node:http2';
import type { Server } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type {
  FakeTls,
  GrpcReply,
  HttpReply,
  Misbehaviour,
  Reply,
  Script,
} from './fake-destination.ts';

const success: GrpcReply = { code: 0 };
const head = { ':status': 200, 'content-type': 'application/grpc' };

/** One byte states whether the message is compressed; four bytes are its length. */
const prefixBytes = 5;

/** Milliseconds between two bytes of a dripping answer. */
const dripMs = 10;

export function openGrpcServer(script: Script, tls?: FakeTls): Server {
  const { clientAuthority: ca, ...pair } = tls ?? {};
  const server =
    tls === undefined
      ? http2.createServer()
      : http2.createSecureServer({ ...pair, ca, requestCert: ca !== undefined });
  server.on('sessionError', () => {});
  server.on('stream', (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => {
    stream.on('error', () => {});
    const reply = script.next() ?? success;
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      script.take(headers[':path'] ?? '', headers, toMessage(Buffer.concat(chunks)));
      answer(reply, stream);
    });
  });
  return server as Server;
}

function toMessage(frame: Buffer): Buffer {
  const content = frame.subarray(prefixBytes);
  return frame[0] === 1 ? gunzipSync(content) : content;
}

function toFrame(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function answer(reply: Reply, stream: http2.ServerHttp2Stream): void {
  if (stream.destroyed) return;
  if (typeof reply === 'string') misbehave(reply, stream);
  else if ('status' in reply) answerAsProxy(reply, stream);
  else answerCall(reply, stream);
}

/** Sends a plain HTTP answer, as a proxy does. */
function answerAsProxy({ status, headers, body }: HttpReply, stream: http2.ServerHttp2Stream) {
  stream.respond({ ...headers, ':status': status });
  stream.end(body);
}

function answerCall(reply: GrpcReply, stream: http2.ServerHttp2Stream): void {
  const { code, details = '', statusDetails, body = Buffer.alloc(0) } = reply;
  const trailers: http2.OutgoingHttpHeaders = {
    'grpc-status': code,
    'grpc-message': percentEncoded(details),
  };
  if (statusDetails !== undefined) {
    trailers['grpc-status-details-bin'] = Buffer.from(statusDetails).toString('base64');
  }
  stream.respond(head, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  if (code === 0) stream.end(toFrame(body));
  else stream.end();
}

/** Encodes as gRPC requires: every character that is not printable ASCII, and the percent sign. */
function percentEncoded(text: string): string {
  return text.replaceAll(/[^ -$&-~]/gu, (character) => encodeURIComponent(character));
}

function misbehave(kind: Misbehaviour, stream: http2.ServerHttp2Stream): void {
  if (kind === 'hang') return;
  if (kind === 'reset') stream.session?.destroy();
  if (kind === 'garbage') {
    stream.respond(head);
    stream.end('220 mail.example ESMTP\r\n');
  }
  if (kind === 'cut') {
    stream.respond(head);
    stream.write(toFrame(Buffer.alloc(100)).subarray(0, 50));
    setTimeout(() => stream.session?.destroy(), dripMs);
  }
  if (kind === 'drip') {
    stream.respond(head);
    const timer = setInterval(() => stream.write('\0'), dripMs);
    stream.once('close', () => clearInterval(timer));
  }
  if (kind === 'flood') {
    stream.respond(head);
    stream.write(toFrame(Buffer.alloc(1)).fill(0xff, 1, prefixBytes));
    flood(stream, Buffer.alloc(65_536, 'x'));
  }
}

/** Writes as fast as the client reads. */
function flood(stream: http2.ServerHttp2Stream, chunk: Buffer): void {
  const more = () => {
    while (!stream.destroyed && stream.write(chunk));
  };
  stream.on('drain', more);
  more();
}
