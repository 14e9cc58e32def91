/** What a destination's answer means for the request, by the tables of the OTLP specification. */
import type { IncomingHttpHeaders } from 'node:http';
import { type Metadata, status } from '@grpc/grpc-js';
import { statusDetailsKey, statusFromProtobuf } from '../shared/google-rpc.ts';
import { mediaType } from '../shared/http-header.ts';

/**
 * accepted: all but `rejectedItems` of its items are; `message` may warn. refused: for good.
 * `isMisdirected` when nothing sent there would fare better: a wrong address or wrong credentials.
 * unavailable: it may be sent again, no sooner than `retryAfterMs`; no answer at all is one, too.
 */
export type Answer =
  | { readonly verdict: 'accepted'; readonly rejectedItems: number; readonly message: string }
  | { readonly verdict: 'refused'; readonly message: string; readonly isMisdirected: boolean }
  | { readonly verdict: 'unavailable'; readonly message: string; readonly retryAfterMs: number };

export type Failure = Exclude<Answer, { readonly verdict: 'accepted' }>;

/** The size of an answer that the specification recommends to accept. */
export const answerBytesMax = 4 * 1024 * 1024;

/** Every other status but 200 is a refusal for good. */
const retryableStatuses: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const misdirectedStatuses: ReadonlySet<number> = new Set([401, 403, 404]);

/** RESOURCE_EXHAUSTED is one only where the destination says when to come back. */
const retryableCodes: ReadonlySet<status> = new Set([
  status.CANCELLED,
  status.DEADLINE_EXCEEDED,
  status.ABORTED,
  status.OUT_OF_RANGE,
  status.UNAVAILABLE,
  status.DATA_LOSS,
]);
const misdirectedCodes: ReadonlySet<status> = new Set([
  status.UNAUTHENTICATED,
  status.PERMISSION_DENIED,
  status.UNIMPLEMENTED,
]);

/** So much of what a destination says is shown. */
const shownLengthMax = 200;

/** Of a body that is no status; a character has at most four bytes. */
const shownBytesMax = 4 * shownLengthMax;

/** Nobody means more than a day, and timers hold no more than 24 of them. */
const retryAfterMsMax = 86_400_000;

export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Of any status but 200. */
export function judgeHttpFailure(
  { statusCode, headers, body }: HttpAnswer,
  unixMs: number,
): Failure {
  const isRedirect = statusCode >= 300 && statusCode < 400;
  const said = isRedirect
    ? 'redirects are not followed'
    : errorMessage(mediaType(headers['content-type']), body);
  const message = `HTTP ${statusCode} ${shown(said)}`.trim();
  if (retryableStatuses.has(statusCode)) {
    return { verdict: 'unavailable', message, retryAfterMs: readRetryAfterMs(headers, unixMs) };
  }
  const isMisdirected = isRedirect || misdirectedStatuses.has(statusCode);
  return { verdict: 'refused', message, isMisdirected };
}

export interface GrpcFailure {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

export function judgeGrpcFailure({ code, details, metadata }: GrpcFailure): Failure {
  const message = `gRPC ${status[code]} ${shown(details)}`.trim();
  const retryDelayMs = readRetryInfoMs(metadata);
  const isThrottled = code === status.RESOURCE_EXHAUSTED && retryDelayMs !== undefined;
  if (isThrottled || retryableCodes.has(code)) {
    return { verdict: 'unavailable', message, retryAfterMs: retryDelayMs ?? 0 };
  }
  return { verdict: 'refused', message, isMisdirected: misdirectedCodes.has(code) };
}

/** The request got no answer. */
export function noAnswer(error: unknown): Failure {
  const message = shown(error instanceof Error ? describeError(error) : String(error));
  return { verdict: 'unavailable', message, retryAfterMs: 0 };
}

/** In one line, without what could steer a terminal. */
export function shown(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\p{Cc}/gu, '')
    .trim()
    .slice(0, shownLengthMax);
}

/** Of a host with several addresses Node gives an error without a message, but with a code. */
function describeError(error: Error & { code?: string }): string {
  return error.message || (error.code ?? error.name);
}

function errorMessage(contentType: string, body: Buffer): string {
  try {
    if (contentType === 'application/x-protobuf') {
      return statusFromProtobuf(body).message;
    }
    if (contentType === 'application/json') {
      return String(JSON.parse(body.toString()).message ?? '');
    }
  } catch {
    // A server that names a type and sends another still gave a status.
  }
  return body.toString('utf8', 0, shownBytesMax).trimStart().split('\n', 1)[0] ?? '';
}

/** Retry-After is a number of seconds or a date. */
function readRetryAfterMs(headers: IncomingHttpHeaders, unixMs: number): number {
  const text = headers['retry-after']?.trim();
  if (text === undefined) return 0;
  return bounded(/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - unixMs);
}

/** NaN, of a text that is no time, is none. */
function bounded(retryAfterMs: number): number {
  return Math.min(Math.max(retryAfterMs, 0) || 0, retryAfterMsMax);
}

function readRetryInfoMs(metadata: Metadata): number | undefined {
  const [bytes] = metadata.get(statusDetailsKey);
  if (!Buffer.isBuffer(bytes)) return undefined;
  try {
    const { retryDelayMs } = statusFromProtobuf(bytes);
    return retryDelayMs === undefined ? undefined : bounded(retryDelayMs);
  } catch {
    return undefined;
  }
}
