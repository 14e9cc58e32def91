/** Decides from the head of an HTTP request if its body is read, and in which format. */
import type { IncomingHttpHeaders } from 'node:http';
import { mediaType } from '../../shared/http-header.ts';
import type { Signal } from '../../shared/signal.ts';
import { type BodyEncoding, bodyEncodings } from '../body/inflate.ts';
import type { Authorise } from '../credentials.ts';
import {
  methodNotAllowed,
  notFound,
  type Refusal,
  requestTooLarge,
  unauthenticated,
  unsupportedEncoding,
  unsupportedType,
} from '../reply.ts';

export type BodyFormat = 'protobuf' | 'json';

export interface RequestHead {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

export interface RequestRules {
  readonly signals: readonly Signal[];
  readonly requestBytesMax: number;
  readonly authorise?: Authorise | undefined;
}

export type RequestPlan =
  | {
      readonly kind: 'read';
      readonly signal: Signal;
      readonly format: BodyFormat;
      readonly encoding: BodyEncoding;
    }
  | {
      readonly kind: 'refuse';
      /** Undefined if the path belongs to no signal. */
      readonly signal: Signal | undefined;
      readonly format: BodyFormat;
      readonly refusal: Refusal;
    };

/** A refusal has the format of the request, or JSON, which people can read, if that is unknown. */
export function planRequest(head: RequestHead, rules: RequestRules): RequestPlan {
  const { headers } = head;
  const known = formatOf(headers['content-type']);
  const format = known ?? 'json';
  const path = pathOf(head.url);
  const signal = rules.signals.find((each) => path === `/v1/${each}`);
  const refuse = (refusal: Refusal) => ({ kind: 'refuse', signal, format, refusal }) as const;
  if (rules.authorise?.(headers.authorization) === false) return refuse(unauthenticated);
  if (signal === undefined) return refuse(notFound(path, rules.signals));
  if (head.method !== 'POST') return refuse(methodNotAllowed(head.method));
  if (known === undefined) return refuse(unsupportedType(headers['content-type'] ?? '(none)'));
  const encoding = encodingOf(headers['content-encoding']);
  if (encoding === undefined) {
    return refuse(unsupportedEncoding(headers['content-encoding'] ?? ''));
  }
  if (Number(headers['content-length'] ?? 0) > rules.requestBytesMax) {
    return refuse(requestTooLarge(rules.requestBytesMax));
  }
  return { kind: 'read', signal, format, encoding };
}

/**
 * Returns the path without query and trailing slash. A client that takes the recorder for a proxy
 * sends the whole URL as the target (RFC 9112, 3.2.2).
 */
function pathOf(target: string): string {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/\?.*$/s, '');
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

function formatOf(contentType: string | undefined): BodyFormat | undefined {
  switch (mediaType(contentType)) {
    // Some senders use the name that IANA has registered since.
    case 'application/protobuf':
    case 'application/x-protobuf':
      return 'protobuf';
    case 'application/json':
      return 'json';
    default:
      return undefined;
  }
}

function encodingOf(contentEncoding: string | undefined): BodyEncoding | undefined {
  const name = (contentEncoding ?? '').trim().toLowerCase() || 'identity';
  // The old name of gzip means the same (RFC 9110, 8.4.1.3).
  const current = name === 'x-gzip' ? 'gzip' : name;
  return bodyEncodings.find((known) => known === current);
}
