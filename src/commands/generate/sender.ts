/** Sends OTLP trace requests over HTTP or gRPC, and says what each answer means. */
import http from 'node:http';
import https from 'node:https';
import { gzipSync } from 'node:zlib';
import { Client, credentials, type Metadata, type ServiceError, status } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import type { Clock } from '../../shared/clock.ts';
import { exportMethodPath, responseType } from '../../shared/otlp-messages.ts';

export const protocols = ['http/protobuf', 'http/json', 'grpc'] as const;
export type Protocol = (typeof protocols)[number];

export const compressions = ['none', 'gzip'] as const;
export type Compression = (typeof compressions)[number];

export interface SenderOptions {
  readonly protocol: Protocol;
  /** A URL, to which HTTP appends /v1/traces; of it gRPC takes scheme, host and port. */
  readonly endpoint: URL;
  readonly compression: Compression;
  readonly connectionsMax: number;
  readonly timeoutMs: number;
}

/**
 * accepted: all but `rejectedSpans` of them are. refused: for good. unavailable: it may be sent
 * again, no sooner than `retryAfterMs` where the server says so; a missing answer is one, too.
 */
export type Answer =
  | { readonly verdict: 'accepted'; readonly rejectedSpans: number; readonly message: string }
  | { readonly verdict: 'refused'; readonly message: string }
  | { readonly verdict: 'unavailable'; readonly message: string; readonly retryAfterMs: number };

export interface Sender {
  /** Never rejects: whatever happens is an answer. */
  send(body: Uint8Array): Promise<Answer>;
  close(): void;
}

type Verdict = Answer['verdict'];

/** By the specification's tables; every other status and code is a refusal for good. */
const httpVerdicts: Readonly<Record<number, Verdict>> = {
  200: 'accepted',
  429: 'unavailable',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
};
const grpcVerdicts: Readonly<Partial<Record<status, Verdict>>> = {
  [status.OK]: 'accepted',
  [status.CANCELLED]: 'unavailable',
  [status.DEADLINE_EXCEEDED]: 'unavailable',
  [status.ABORTED]: 'unavailable',
  [status.OUT_OF_RANGE]: 'unavailable',
  [status.UNAVAILABLE]: 'unavailable',
  [status.DATA_LOSS]: 'unavailable',
};

const userAgent = 'archer-generate';

/** Below this gzip saves too little to be worth its time. */
const gzipBytesMin = 1024;

/** The size of an answer that the specification recommends to accept. */
const answerBytesMax = 4 * 1024 * 1024;

/** A recorder that restarts is back within seconds; grpc-js itself would wait up to two minutes. */
const reconnectBackoffMs = { first: 200, max: 2_000 };

export function openSender(options: SenderOptions, clock: Clock): Sender {
  return options.protocol === 'grpc'
    ? openGrpcSender(options, clock)
    : openHttpSender(options, clock);
}

function openHttpSender(options: SenderOptions, clock: Clock): Sender {
  const { endpoint, connectionsMax, timeoutMs } = options;
  const client = endpoint.protocol === 'https:' ? https : http;
  const agent = new client.Agent({ keepAlive: true, maxSockets: connectionsMax });
  const url = new URL(endpoint);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/traces`;
  const contentType =
    options.protocol === 'http/json' ? 'application/json' : 'application/x-protobuf';
  const send = (body: Uint8Array) => {
    return new Promise<Answer>((resolve) => {
      const gzip = options.compression === 'gzip' && body.length >= gzipBytesMin;
      const payload = gzip ? gzipSync(body) : body;
      const headers: http.OutgoingHttpHeaders = {
        'content-type': contentType,
        'content-length': payload.length,
        'user-agent': userAgent,
        ...(gzip ? { 'content-encoding': 'gzip' } : {}),
      };
      const signal = AbortSignal.timeout(timeoutMs);
      const request = client.request(url, { method: 'POST', agent, headers, signal });
      request.on('error', (error) => resolve(noAnswer(signal.aborted ? 'timed out' : error)));
      request.on('response', (response) => {
        readBody(response).then(
          (answer) => resolve(judgeHttp(response, answer, clock)),
          (error) => resolve(noAnswer(error)),
        );
      });
      request.end(payload);
    });
  };
  return { send, close: () => agent.destroy() };
}

function openGrpcSender(options: SenderOptions, clock: Clock): Sender {
  const { endpoint, compression, timeoutMs } = options;
  const isSecure = endpoint.protocol === 'https:';
  const address = `${endpoint.hostname}:${endpoint.port || (isSecure ? 443 : 80)}`;
  const channelCredentials = isSecure ? credentials.createSsl() : credentials.createInsecure();
  const client = new Client(address, channelCredentials, {
    'grpc.primary_user_agent': userAgent,
    'grpc.max_receive_message_length': answerBytesMax,
    'grpc.initial_reconnect_backoff_ms': reconnectBackoffMs.first,
    'grpc.max_reconnect_backoff_ms': reconnectBackoffMs.max,
    'grpc.enable_retries': 0,
    'grpc.default_compression_algorithm': compression === 'gzip' ? 2 : 0,
  });
  const method = exportMethodPath('traces');
  const send = (body: Uint8Array) => {
    return new Promise<Answer>((resolve) => {
      const deadline = clock.unixMs() + timeoutMs;
      const done = (error: ServiceError | null, answer: Uint8Array | undefined) => {
        resolve(error === null ? accepted(readPartialSuccess(answer)) : judgeGrpc(error));
      };
      client.makeUnaryRequest(method, asBuffer, asIs, body, { deadline }, done);
    });
  };
  return { send, close: () => client.close() };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}

async function readBody(response: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let byteCount = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    byteCount += chunk.length;
    if (byteCount > answerBytesMax) throw new Error('the answer is larger than 4 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function noAnswer(error: unknown): Answer {
  const message = error instanceof Error ? describeError(error) : String(error);
  return { verdict: 'unavailable', message, retryAfterMs: 0 };
}

/** Of a host with several addresses Node gives an error without a message, but with a code. */
function describeError(error: Error & { code?: string }): string {
  return error.message || (error.code ?? error.name);
}

function judgeHttp(response: http.IncomingMessage, body: Buffer, clock: Clock): Answer {
  const statusCode = response.statusCode ?? 0;
  const contentType = response.headers['content-type']?.split(';', 1)[0] ?? '';
  const verdict = httpVerdicts[statusCode] ?? 'refused';
  if (verdict === 'accepted') {
    if (contentType === 'application/json') return accepted(readPartialSuccessJson(body));
    return accepted(contentType === 'application/x-protobuf' ? readPartialSuccess(body) : {});
  }
  const message = `HTTP ${statusCode} ${readErrorMessage(contentType, body)}`.trim();
  if (verdict === 'refused') return { verdict, message };
  return { verdict, message, retryAfterMs: readRetryAfterMs(response.headers, clock) };
}

function judgeGrpc(error: ServiceError): Answer {
  const message = `gRPC ${status[error.code]} ${error.details}`.trim();
  const retryDelayMs = readRetryInfoMs(error.metadata);
  const isThrottled = error.code === status.RESOURCE_EXHAUSTED && retryDelayMs !== undefined;
  const verdict = isThrottled ? 'unavailable' : (grpcVerdicts[error.code] ?? 'refused');
  if (verdict === 'unavailable') return { verdict, message, retryAfterMs: retryDelayMs ?? 0 };
  return { verdict: 'refused', message };
}

interface PartialSuccess {
  readonly rejectedSpans?: number | string | { toNumber(): number };
  readonly errorMessage?: string;
}

function accepted({ rejectedSpans = 0, errorMessage = '' }: PartialSuccess): Answer {
  const count = typeof rejectedSpans === 'object' ? rejectedSpans.toNumber() : rejectedSpans;
  return { verdict: 'accepted', rejectedSpans: Number(count) || 0, message: errorMessage };
}

/** An acknowledgement counts even where what it carries cannot be read. */
function readPartialSuccess(body: Uint8Array | undefined): PartialSuccess {
  if (body === undefined || body.length === 0) return {};
  try {
    const { partialSuccess } = responseType('traces').decode(body) as {
      partialSuccess?: PartialSuccess;
    };
    return partialSuccess ?? {};
  } catch {
    return {};
  }
}

function readPartialSuccessJson(body: Buffer): PartialSuccess {
  try {
    return JSON.parse(body.toString()).partialSuccess ?? {};
  } catch {
    return {};
  }
}

/** Of google.rpc what servers send back with an error. */
const rpcTypes = protobuf.parse(`
  syntax = "proto3";
  message Any { string type_url = 1; bytes value = 2; }
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message Duration { int64 seconds = 1; int32 nanos = 2; }
  message RetryInfo { Duration retry_delay = 1; }
`).root;

interface RpcStatus {
  readonly message?: string;
  readonly details?: readonly { readonly typeUrl: string; readonly value: Uint8Array }[];
}

function readErrorMessage(contentType: string, body: Buffer): string {
  try {
    if (contentType === 'application/x-protobuf') {
      return (rpcTypes.lookupType('Status').decode(body) as RpcStatus).message ?? '';
    }
    if (contentType === 'application/json')
      return String(JSON.parse(body.toString()).message ?? '');
  } catch {
    // A server that names a type and sends another still gave a status.
  }
  return body.toString().split('\n', 1)[0]?.slice(0, 200) ?? '';
}

/** Retry-After is a number of seconds or a date. */
function readRetryAfterMs(headers: http.IncomingHttpHeaders, clock: Clock): number {
  const text = headers['retry-after'];
  if (text === undefined) return 0;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - clock.unixMs();
  return Math.max(ms, 0) || 0;
}

function readRetryInfoMs(metadata: Metadata): number | undefined {
  const [bytes] = metadata.get('grpc-status-details-bin');
  if (!Buffer.isBuffer(bytes)) return undefined;
  try {
    const { details = [] } = rpcTypes.lookupType('Status').decode(bytes) as RpcStatus;
    const retryInfo = details.find(({ typeUrl }) => typeUrl.endsWith('/google.rpc.RetryInfo'));
    if (retryInfo === undefined) return undefined;
    const type = rpcTypes.lookupType('RetryInfo');
    const { retryDelay } = type.toObject(type.decode(retryInfo.value), { longs: Number });
    return (retryDelay?.seconds ?? 0) * 1000 + (retryDelay?.nanos ?? 0) / 1e6;
  } catch {
    return undefined;
  }
}
