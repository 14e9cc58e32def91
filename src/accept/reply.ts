/** All refusals: HTTP status, gRPC code, and a sentence with the reason and the remedy. */

import {
  type RpcCode,
  type RpcStatus,
  rpcCode,
  statusToJson,
  statusToProtobuf,
} from '../shared/google-rpc.ts';
import { requestName } from '../shared/otlp-messages.ts';
import type { Outcome } from '../shared/outcome.ts';
import type { Signal } from '../shared/signal.ts';
import { bodyEncodings } from './body/inflate.ts';

export interface Refusal {
  readonly httpStatus: number;
  readonly grpcCode: RpcCode;
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

export function notFound(path: string, signals: readonly Signal[]): Refusal {
  const paths = signals.map((signal) => `/v1/${signal}`).join(', ');
  const message = `There is no ${echo(path)} here; OTLP/HTTP is received at ${paths}.`;
  return refusal(404, { code: rpcCode.unimplemented, message });
}

export function methodNotAllowed(method: string): Refusal {
  const message = `${echo(method)} is not received here; use POST.`;
  return refusal(405, { code: rpcCode.unimplemented, message }, ['allow', 'POST']);
}

export function unsupportedType(contentType: string): Refusal {
  const remedy = 'use application/x-protobuf or application/json.';
  const message = `Content-Type ${echo(contentType)} is not received; ${remedy}`;
  return refusal(415, { code: rpcCode.invalidArgument, message });
}

export function unsupportedEncoding(contentEncoding: string): Refusal {
  const remedy = `use one of ${bodyEncodings.join(', ')}.`;
  const message = `Content-Encoding ${echo(contentEncoding)} is not received; ${remedy}`;
  const headers = ['accept-encoding', bodyEncodings.join(', ')];
  return refusal(415, { code: rpcCode.invalidArgument, message }, headers);
}

export function requestTooLarge(requestBytesMax: number): Refusal {
  const limit = `${requestBytesMax} bytes (max_request_bytes)`;
  const message = `The request has more than ${limit}; send smaller batches.`;
  return refusal(413, { code: rpcCode.resourceExhausted, message });
}

/** The reason completes the sentence `The body is not a valid …Request:`, without a full stop. */
export function malformed(signal: Signal, reason: string): Refusal {
  const message = `The body is not a valid ${requestName(signal)}: ${reason}.`;
  return refusal(400, { code: rpcCode.invalidArgument, message });
}

export const unauthenticated = refusal(
  401,
  {
    code: rpcCode.unauthenticated,
    message:
      'The request brings no credentials that are known here (auth.bearer_tokens, auth.basic); ' +
      'send them in an Authorization header.',
  },
  ['www-authenticate', 'Bearer, Basic realm="otlp-archer"'],
);

export const tooDeep = refusal(400, {
  code: rpcCode.invalidArgument,
  message: 'The request has values nested deeper than 64 levels; send them flatter.',
});

const batchTooLarge = refusal(413, {
  code: rpcCode.resourceExhausted,
  message:
    'The request alone needs more bytes in columns than a batch may have (batch.max_bytes); ' +
    'send smaller batches.',
});

export const noRoom = retryable(
  'More bytes are being received than there is room for (max_inflight_bytes); send it again.',
);

const unavailable = retryable('The recorder cannot take the request at the moment; send it again.');

/** The refusal for an outcome of the lane. */
export function refusalOf(outcome: Exclude<Outcome, 'accepted'>, signal: Signal): Refusal {
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

function retryable(message: string): Refusal {
  const headers = ['retry-after', String(retryDelaySeconds)];
  return refusal(503, { code: rpcCode.unavailable, message, retryDelaySeconds }, headers);
}

function refusal(httpStatus: number, status: RpcStatus, httpHeaders: string[] = []): Refusal {
  const { code: grpcCode, message } = status;
  const protobuf = statusToProtobuf(status);
  return { httpStatus, grpcCode, message, protobuf, json: statusToJson(status), httpHeaders };
}

function echo(text: string): string {
  return text.length <= echoLengthMax ? text : `${text.slice(0, echoLengthMax)}…`;
}
