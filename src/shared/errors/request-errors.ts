/** Errors in the answers on the OTLP ports and on the dashboard port. */
import type { ErrorEntries } from './error-entry.ts';

/** Errors on the OTLP ports: HTTP status, gRPC status and google.rpc.Status. */
export const otlpErrors = {
  ERR_ARCHER_OTLP_PATH_UNKNOWN: {
    sentence: 'The path {path} does not exist here',
    remedy: 'Send OTLP/HTTP to one of {paths}.',
    retry: false,
    explanation: `HTTP 404. Many SDKs expect an endpoint without \`/v1/traces\` and append that
path themselves.`,
  },
  ERR_ARCHER_METHOD_NOT_ALLOWED: {
    sentence: 'The method {method} is not supported',
    remedy: 'Use POST.',
    retry: false,
    explanation: 'HTTP 405. OTLP/HTTP uses POST only.',
  },
  ERR_ARCHER_CONTENT_TYPE_UNSUPPORTED: {
    sentence: 'Content-Type {contentType} is not supported',
    remedy: 'Use application/x-protobuf or application/json.',
    retry: false,
    explanation: 'HTTP 415.',
  },
  ERR_ARCHER_CONTENT_ENCODING_UNSUPPORTED: {
    sentence: 'Content-Encoding {contentEncoding} is not supported',
    remedy: 'Use one of {encodings}.',
    retry: false,
    explanation: 'HTTP 415.',
  },
  ERR_ARCHER_REQUEST_TOO_LARGE: {
    sentence: 'The request has more than {bytesMax} bytes (max_request_bytes)',
    remedy: 'Send smaller batches, or raise max_request_bytes.',
    retry: false,
    explanation: `HTTP 413, gRPC RESOURCE_EXHAUSTED. The limit holds before and after
decompression. The batch processor of an SDK has a setting for the size of its batches.`,
  },
  ERR_ARCHER_BATCH_TOO_LARGE: {
    sentence:
      'The request alone needs more bytes in columns than one batch may have (batch.max_bytes)',
    remedy: 'Send smaller batches, or raise batch.max_bytes.',
    retry: false,
    explanation: 'HTTP 413, gRPC RESOURCE_EXHAUSTED. A request is never split over two batches.',
  },
  ERR_ARCHER_REQUEST_MALFORMED: {
    sentence: 'The body is not a valid {requestName}: {reason}',
    remedy: 'Check the format that the sender writes. Nothing of this request was recorded.',
    retry: false,
    explanation: 'HTTP 400, gRPC INVALID_ARGUMENT.',
  },
  ERR_ARCHER_REQUEST_TOO_DEEP: {
    sentence: 'The request has values that are nested deeper than 64 levels',
    remedy: 'Send flatter values. Nothing of this request was recorded.',
    retry: false,
    explanation: 'HTTP 400, gRPC INVALID_ARGUMENT.',
  },
  ERR_ARCHER_CREDENTIALS_REQUIRED: {
    sentence: 'The request has no valid credentials (auth.bearer_tokens, auth.basic)',
    remedy: 'Send one of the configured credentials in the Authorization header.',
    retry: false,
    explanation: 'HTTP 401, gRPC UNAUTHENTICATED.',
  },
  ERR_ARCHER_INTAKE_FULL: {
    sentence: 'The recorder is receiving as many bytes as it may hold (max_inflight_bytes)',
    remedy: 'Send the request again.',
    retry: 'after the time that the answer names; SDKs do so by themselves',
    explanation: `HTTP 503 with Retry-After, gRPC UNAVAILABLE with RetryInfo. Raise
\`max_inflight_bytes\` if this happens often.`,
  },
  ERR_ARCHER_UNAVAILABLE: {
    sentence: 'The recorder cannot take the request at the moment',
    remedy: 'Send the request again.',
    retry: 'after the time that the answer names; SDKs do so by themselves',
    explanation: `HTTP 503 with Retry-After, gRPC UNAVAILABLE with RetryInfo. The recorder is
starting or stopping, its disk is full or fails, or it was behind for more than a quarter of a
second. Its log and \`GET /health\` name the reason.`,
  },
} as const satisfies ErrorEntries;

/** Errors on the dashboard port: `{"error":{"code","message"}}`. */
export const dashboardErrors = {
  ERR_ARCHER_HOST_NOT_ALLOWED: {
    sentence: 'The Host name of this request is not known to the recorder',
    remedy: 'Add it to dashboard.allowed_hosts if it is yours, or use an IP address.',
    retry: false,
    explanation: `HTTP 403. The check keeps pages of other sites from reaching the recorder
through your browser (DNS rebinding). It does not apply to \`GET /health\`.`,
  },
  ERR_ARCHER_ORIGIN_NOT_ALLOWED: {
    sentence: 'A page of another origin may not change anything here',
    remedy: "Send the request from the recorder's own page, or without an Origin header.",
    retry: false,
    explanation: 'HTTP 403, for every POST with an Origin whose host is not allowed.',
  },
  ERR_ARCHER_TOKEN_REQUIRED: {
    sentence: 'The request has no valid token',
    remedy: 'Send the header "Authorization: Bearer TOKEN" with dashboard.bearer_token.',
    retry: false,
    explanation: 'HTTP 401. `GET /health` alone needs no token.',
  },
  ERR_ARCHER_ROUTE_UNKNOWN: {
    sentence: 'There is no {method} {path} here',
    remedy: 'Use GET /health, GET /metrics, POST /api/flush or POST /api/rotate.',
    retry: false,
    explanation: 'HTTP 404. OTLP is received on other ports, 4317 and 4318 by default.',
  },
  ERR_ARCHER_HTTP_REQUEST_INVALID: {
    sentence: 'The HTTP request is not valid: {reason}',
    remedy: 'Correct the request.',
    retry: false,
    explanation: 'An HTTP status from 400 to 499, such as 413 for a body of more than 64 KiB.',
  },
} as const satisfies ErrorEntries;
