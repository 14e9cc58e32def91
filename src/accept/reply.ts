/** Every refusal of a request: HTTP status, gRPC code, and the error with its code and message. */
import { type ErrorCode, type Problem, problem } from '../shared/errors.ts';
import { type RpcCode, rpcCode, statusToJson, statusToProtobuf } from '../shared/google-rpc.ts';
import { fieldName } from '../shared/misplaced-field.ts';
import { exportMethodPath, requestName } from '../shared/otlp-messages.ts';
import type { MalformedRequest, Outcome } from '../shared/outcome.ts';
import type { Signal } from '../shared/signal.ts';
import { bodyEncodings } from './body/inflate.ts';

export interface Refusal {
  readonly httpStatus: number;
  readonly grpcCode: RpcCode;
  /** The code of docs/errors.md. */
  readonly code: ErrorCode;
  readonly message: string;
  /** The refusal as google.rpc.Status: an HTTP body in either format, or gRPC's status details. */
  readonly protobuf: Buffer;
  readonly json: Buffer;
  /** Names and values in turn of the headers that only this HTTP reply has. */
  readonly httpHeaders: readonly string[];
}

/** Text of the sender is cut to this length before it is sent back, so that replies stay small. */
const echoLengthMax = 100;

/** A lane that is busy or restarts is likely to take requests again after this time. */
const retryDelaySeconds = 1;

/** The HTTP status and the gRPC code of a class of refusals. */
const badRequest = { httpStatus: 400, grpcCode: rpcCode.invalidArgument } as const;
const unsupported = { httpStatus: 415, grpcCode: rpcCode.invalidArgument } as const;
const tooLarge = { httpStatus: 413, grpcCode: rpcCode.resourceExhausted } as const;

export function notFound(path: string, signals: readonly Signal[]): Refusal {
  const paths = signals.map((signal) => `/v1/${signal}`).join(', ');
  const facts = { path: echo(path), paths };
  return refusal(
    { httpStatus: 404, grpcCode: rpcCode.unimplemented },
    problem('ERR_ARCHER_OTLP_PATH_UNKNOWN', facts),
  );
}

export function methodNotAllowed(method: string): Refusal {
  return refusal(
    { httpStatus: 405, grpcCode: rpcCode.unimplemented },
    problem('ERR_ARCHER_METHOD_NOT_ALLOWED', { method: echo(method) }),
    ['allow', 'POST'],
  );
}

export function unsupportedType(contentType: string): Refusal {
  const facts = { contentType: echo(contentType) };
  return refusal(unsupported, problem('ERR_ARCHER_CONTENT_TYPE_UNSUPPORTED', facts));
}

export function unsupportedEncoding(contentEncoding: string): Refusal {
  const encodings = bodyEncodings.join(', ');
  const facts = { contentEncoding: echo(contentEncoding), encodings };
  return refusal(unsupported, problem('ERR_ARCHER_CONTENT_ENCODING_UNSUPPORTED', facts), [
    'accept-encoding',
    encodings,
  ]);
}

export function requestTooLarge(requestBytesMax: number): Refusal {
  return refusal(tooLarge, problem('ERR_ARCHER_REQUEST_TOO_LARGE', { bytesMax: requestBytesMax }));
}

/** The reason completes the sentence `The body is not a valid …Request:`, without a full stop. */
export function malformed(signal: Signal, reason: string): Refusal {
  const facts = { requestName: requestName(signal), reason };
  return refusal(badRequest, problem('ERR_ARCHER_REQUEST_MALFORMED', facts));
}

export const unauthenticated = refusal(
  { httpStatus: 401, grpcCode: rpcCode.unauthenticated },
  problem('ERR_ARCHER_CREDENTIALS_REQUIRED', {}),
  ['www-authenticate', 'Bearer, Basic realm="otlp-archer"'],
);

export const tooDeep = refusal(badRequest, problem('ERR_ARCHER_REQUEST_TOO_DEEP', {}));

const batchTooLarge = refusal(tooLarge, problem('ERR_ARCHER_BATCH_TOO_LARGE', {}));

export const noRoom = retryable(problem('ERR_ARCHER_INTAKE_FULL', {}));

const unavailable = retryable(problem('ERR_ARCHER_UNAVAILABLE', {}));

/** The refusal for an outcome of the lane. */
export function refusalOf(outcome: Exclude<Outcome, 'accepted'>, signal: Signal): Refusal {
  if (typeof outcome === 'object') return malformed(signal, malformedReason(outcome, signal));
  switch (outcome) {
    case 'malformed':
      return malformed(signal, 'it cannot be decoded as protobuf');
    case 'too_deep':
      return tooDeep;
    case 'too_large':
      return batchTooLarge;
    case 'unavailable':
      return unavailable;
  }
}

/** Names the misplaced field, and where the request belongs if it is another signal's. */
function malformedReason({ misplacedField, belongsTo }: MalformedRequest, signal: Signal): string {
  const what =
    misplacedField === 0
      ? 'it cannot be decoded as protobuf'
      : `its field ${fieldName(signal, misplacedField)} has another wire type than its own`;
  if (belongsTo === undefined) return what;
  const path = `/v1/${belongsTo} or, over gRPC, to ${exportMethodPath(belongsTo)}`;
  return `${what}; it is a valid ${requestName(belongsTo)}, which should be sent to ${path}`;
}

function retryable(found: Problem): Refusal {
  const status = { httpStatus: 503, grpcCode: rpcCode.unavailable, retryDelaySeconds } as const;
  return refusal(status, found, ['retry-after', String(retryDelaySeconds)]);
}

interface RefusalStatus {
  readonly httpStatus: number;
  readonly grpcCode: RpcCode;
  readonly retryDelaySeconds?: number;
}

function refusal(
  { httpStatus, grpcCode, ...retry }: RefusalStatus,
  { code, message }: Problem,
  httpHeaders: readonly string[] = [],
): Refusal {
  const status = { code: grpcCode, message, reason: code, ...retry };
  const protobuf = statusToProtobuf(status);
  return { httpStatus, grpcCode, code, message, protobuf, json: statusToJson(status), httpHeaders };
}

function echo(text: string): string {
  return text.length <= echoLengthMax ? text : `${text.slice(0, echoLengthMax)}…`;
}
