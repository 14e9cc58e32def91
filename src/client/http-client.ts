/** The OTLP/HTTP client: one POST for each request, over kept-alive connections. */
import http from 'node:http';
import https from 'node:https';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Clock } from '../shared/clock.ts';
import { mediaType } from '../shared/http-header.ts';
import type { Signal } from '../shared/signal.ts';
import {
  type Answer,
  answerBytesMax,
  type HttpAnswer,
  judgeHttpFailure,
  noAnswer,
} from './answer.ts';
import type { OtlpClient, OtlpClientOptions } from './client-port.ts';
import { acceptedAnswer } from './partial-success.ts';
import { startRequestAbort } from './request-abort.ts';

const compress = promisify(gzip);

/** Smaller bodies are sent uncompressed: gzip saves too little to be worth its time. */
const gzipBytesMin = 1024;

/**
 * Takes a quarter less CPU time than zlib's default of 6, and gives little more output
 * (`npm run bench -- forward`).
 */
const gzipLevel = 3;

/** The formats of an answer's body by its content type. */
const answerFormats: Readonly<Record<string, 'protobuf' | 'json'>> = {
  'application/x-protobuf': 'protobuf',
  'application/json': 'json',
};

export function openHttpClient(options: OtlpClientOptions, clock: Clock): OtlpClient {
  const { endpoint, protocol, timeoutMs, userAgent } = options;
  const isSecure = endpoint.protocol === 'https:';
  const agent = openAgent(options);
  const contentType = protocol === 'http/json' ? 'application/json' : 'application/x-protobuf';
  const fixedHeaders = { ...options.headers, 'content-type': contentType, 'user-agent': userAgent };

  async function send(signal: Signal, body: Uint8Array, stop?: AbortSignal): Promise<Answer> {
    const abort = startRequestAbort(timeoutMs, stop);
    const isGzip = options.compression === 'gzip' && body.length >= gzipBytesMin;
    try {
      const payload = isGzip ? await compress(body, { level: gzipLevel }) : body;
      const headers = {
        ...fixedHeaders,
        'content-length': payload.length,
        ...(isGzip ? { 'content-encoding': 'gzip' } : {}),
      };
      const sending = { method: 'POST', agent, headers, signal: abort.signal };
      const request = (isSecure ? https : http).request(urlBelow(endpoint, signal), sending);
      const answer = await exchange(request, payload);
      return judge(signal, answer, clock.unixMs());
    } catch (error) {
      return noAnswer(abort.isTimedOut ? 'timed out' : error);
    } finally {
      abort.end();
    }
  }
  return { send, close: () => agent.destroy() };
}

function openAgent({ endpoint, connectionsMax, tls = {} }: OtlpClientOptions): http.Agent {
  const kept = { keepAlive: true, maxSockets: connectionsMax };
  if (endpoint.protocol !== 'https:') return new http.Agent(kept);
  const { authorities: ca, certificate: cert, key } = tls;
  return new https.Agent({ ...kept, ca, cert, key });
}

function urlBelow(endpoint: URL, signal: Signal): URL {
  const url = new URL(endpoint);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/${signal}`;
  return url;
}

/** The destination may answer before it has read everything, and then close the connection. */
function exchange(request: http.ClientRequest, payload: Uint8Array): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (response) => {
      readBody(response).then(
        (body) =>
          resolve({ statusCode: response.statusCode ?? 0, headers: response.headers, body }),
        reject,
      );
    });
    request.end(payload);
  });
}

/** Stops reading an answer that is too large; leaving the loop closes the connection. */
async function readBody(response: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let byteCount = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    byteCount += chunk.length;
    if (byteCount > answerBytesMax) break;
  }
  return Buffer.concat(chunks);
}

function judge(signal: Signal, answer: HttpAnswer, unixMs: number): Answer {
  const { statusCode, headers, body } = answer;
  if (statusCode !== 200) return judgeHttpFailure(answer, unixMs);
  // The request was accepted, so sending it again would duplicate it.
  if (body.length > answerBytesMax) return acceptedWarning('its answer is larger than 4 MiB');
  const type = mediaType(headers['content-type']);
  const format = answerFormats[type];
  if (format === undefined && body.length > 0) {
    return acceptedWarning(`its answer has ${type || 'no content type'}, which is none of OTLP's`);
  }
  return acceptedAnswer(signal, format, body);
}

function acceptedWarning(message: string): Answer {
  return { verdict: 'accepted', rejectedItems: 0, message };
}
