/** The HTTP side of a fake destination. */
import http from 'node:http';
import https from 'node:https';
import { gunzipSync } from 'node:zlib';
import type { FakeTls, HttpReply, Misbehaviour, Reply, Script } from './fake-destination.ts';

const protobuf = { 'content-type': 'application/x-protobuf' };
const success: HttpReply = { status: 200, headers: protobuf };

/** Milliseconds between two bytes of a dripping answer. */
const dripMs = 10;

export function openHttpServer(script: Script, tls?: FakeTls): http.Server {
  const listener: http.RequestListener = (request, response) => void serve(request, response);
  async function serve(request: http.IncomingMessage, response: http.ServerResponse) {
    const reply = script.next() ?? success;
    request.on('error', () => {});
    response.on('error', () => {});
    if (isEarly(reply)) return answerEarly(reply, response);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return;
    }
    const raw = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
    script.take(request.url ?? '', request.headers, body);
    answer(reply, response);
  }
  if (tls === undefined) return http.createServer(listener);
  const { clientAuthority: ca, ...pair } = tls;
  return https.createServer({ ...pair, ca, requestCert: ca !== undefined }, listener);
}

function isEarly(reply: Reply): reply is HttpReply {
  return typeof reply === 'object' && 'isEarly' in reply;
}

function answerEarly({ status, headers, body }: HttpReply, response: http.ServerResponse): void {
  response.writeHead(status, { ...headers, connection: 'close' }).end(body);
}

function answer(reply: Reply, response: http.ServerResponse): void {
  if (typeof reply === 'string') misbehave(reply, response);
  else if ('status' in reply) response.writeHead(reply.status, reply.headers).end(reply.body);
  else throw new Error('a gRPC reply over HTTP');
}

function misbehave(kind: Misbehaviour, response: http.ServerResponse): void {
  const { socket } = response;
  if (kind === 'hang') return;
  if (kind === 'reset') socket?.resetAndDestroy();
  if (kind === 'garbage') socket?.end('220 mail.example ESMTP\r\n');
  if (kind === 'cut') {
    response.writeHead(200, { ...protobuf, 'content-length': 100 }).write('half');
    setTimeout(() => socket?.destroy(), dripMs);
  }
  if (kind === 'drip') {
    response.writeHead(200, protobuf);
    const timer = setInterval(() => response.write('.'), dripMs);
    response.once('close', () => clearInterval(timer));
  }
  if (kind === 'flood') {
    response.writeHead(200, protobuf);
    flood(response, Buffer.alloc(65_536, 'x'));
  }
}

/** Writes as fast as the client reads. */
function flood(response: http.ServerResponse, chunk: Buffer): void {
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
}
