/** Decides what the answer of a destination means, by the tables of the OTLP specification. */
import type { IncomingHttpHeaders } from 'node:http';
import { type Metadata, status } from '@grpc/grpc-js';
import { statusDetailsKey, statusFromProtobuf } from '../shared/google-rpc.ts';
import { mediaType } from '../shared/http-header.ts';
import { oneLine } from '../shared/one-line.ts';

export type Answer =
  /** All items but `rejectedItems` were accepted; `message` may hold a warning. */
  | { readonly verdict: 'accepted'; readonly rejectedItems: number; readonly message: string }
  /**
   * The request must not be sent again. `isMisdirected` is true if the destination would refuse
   * every request: the address or the credentials are wrong.
   */
  | { readonly verdict: 'refused'; readonly message: string; readonly isMisdirected: boolean }
  /** The request may be sent again after `retryAfterMs`; also if there was no answer at all. */
  | { readonly verdict: 'unavailable'; readonly message: string; readonly retryAfterMs: number };

export type Failure = Exclude<Answer, { readonly verdict: 'accepted' }>;

/** The specification recommends to accept answers up to this size. */
export const answerBytesMax = 4 * 1024 * 1024;

/** All other statuses except 200 are permanent refusals. */
const retryableStatuses: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const misdirectedStatuses: ReadonlySet<number> = new Set([401, 403, 404]);

/** RESOURCE_EXHAUSTED is retryable too, but only with a RetryInfo. */
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

/** The message of a destination is cut to this length. */
const shownLengthMax = 200;

/** Bytes read of a body that is not a Status; a character has at most four bytes. */
const shownBytesMax = 4 * shownLengthMax;

/** A longer delay is likely a mistake, and Node's timers hold at most 24 days. */
const retryAfterMsMax = 86_400_000;

export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Takes an answer with any status except 200. */
export function judgeHttpFailure(
  { statusCode, headers, body }: HttpAnswer,
  unixMs: number,
): Failure {
  const isRedirect = statusCode >= 300 && statusCode < 400;
  const reason = isRedirect
    ? 'redirects are not followed'
    : errorMessage(mediaType(headers['content-type']), body);
  const message = `HTTP ${statusCode} ${shown(reason)}`.trim();
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

/** The failure of a request that got no answer. */
export function noAnswer(error: unknown): Failure {
  const message = shown(error instanceof Error ? describeError(error) : String(error));
  return { verdict: 'unavailable', message, retryAfterMs: 0 };
}

/** Makes one short line of a message that the destination chose. */
export function shown(text: string): string {
  return oneLine(text, shownLengthMax);
}

/** For a host with several addresses, Node's error has a code but no message. */
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
    // The body is not what its content type says; it may still be readable text.
  }
  return body.toString('utf8', 0, shownBytesMax).trimStart().split('\n', 1)[0] ?? '';
}

/** The value of Retry-After is a number of seconds or a date. */
function readRetryAfterMs(headers: IncomingHttpHeaders, unixMs: number): number {
  const text = headers['retry-after']?.trim();
  if (text === undefined) return 0;
  return bounded(/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - unixMs);
}

/** NaN, from a text that is not a time, becomes 0. */
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
