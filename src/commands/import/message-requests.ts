/** What a message of a file asks for: the requests that it holds, in protobuf. */

import { inflateZstd } from '../../accept/body/zstd-body.ts';
import { isJsonObject, readJsonText } from '../../accept/json/json-text.ts';
import { otlpFromJsonValue } from '../../accept/json/otlp-json.ts';
import { type Signal, signals } from '../../shared/signal.ts';
import type { DeliverableRequest } from '../delivery/request-delivery.ts';
import { countItems } from './item-count.ts';
import { isZstd } from './zstd-content.ts';

/** nameless: protobuf does not tell of which signal it is. */
export type MessageRequests =
  | { readonly kind: 'requests'; readonly requests: readonly DeliverableRequest[] }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'nameless' };

/** The key of each signal's groups, at the top of its requests. */
const groupKeys = {
  traces: 'resourceSpans',
  metrics: 'resourceMetrics',
  logs: 'resourceLogs',
} as const satisfies Record<Signal, string>;

/** The largest size of an inflated message, in bytes. */
const contentBytesMax = 512 * 1024 * 1024;

const openBrace = 0x7b;

export interface KnownSignals {
  /** What protobuf is of. */
  readonly ofProtobuf: Signal | undefined;
  /** The only one that is wanted of JSON, where it is given. */
  readonly wanted: Signal | undefined;
}

/** Reads the requests of a length-prefixed message, which is protobuf or JSON. */
export async function toRequests(message: Buffer, signals: KnownSignals): Promise<MessageRequests> {
  if (!isZstd(message)) return readContent(message, signals);
  const inflated = await inflateZstd(message, contentBytesMax);
  if (inflated.kind === 'body') return readContent(Buffer.from(inflated.bytes), signals);
  return skipped(inflated.kind === 'too_large' ? 'its content is too large' : inflated.reason);
}

/** Reads the requests of a line of JSON. A line with several signals gives a request for each. */
export function jsonRequests(text: Buffer, wanted: Signal | undefined): MessageRequests {
  const json = readJsonText(text);
  if (json.kind === 'too_deep') return skipped('its values are nested too deeply');
  if (json.kind === 'malformed') return skipped(json.reason);
  if (!isJsonObject(json.value)) return skipped('it is no JSON object');
  const fields = json.value;
  const named = signals.filter((signal) => (fields[groupKeys[signal]] ?? null) !== null);
  if (named.length === 0) {
    if (Object.keys(fields).length === 0) return { kind: 'requests', requests: [] };
    return skipped(`it has none of ${Object.values(groupKeys).join(', ')}`);
  }
  const requests: DeliverableRequest[] = [];
  for (const signal of named) {
    if (wanted !== undefined && signal !== wanted) {
      return skipped(`it is of ${signal}, and only ${wanted} are wanted`);
    }
    const request = otlpFromJsonValue(signal, fields);
    if (request.kind === 'too_deep') return skipped('its values are nested too deeply');
    if (request.kind === 'malformed') return skipped(request.reason);
    requests.push(toRequest(signal, request.bytes));
  }
  return { kind: 'requests', requests };
}

function readContent(content: Buffer, { ofProtobuf, wanted }: KnownSignals): MessageRequests {
  if (looksLikeJson(content)) return jsonRequests(content, wanted);
  if (ofProtobuf === undefined) return { kind: 'nameless' };
  return { kind: 'requests', requests: [toRequest(ofProtobuf, content)] };
}

/** Protobuf has its first field there, which is no brace. */
function looksLikeJson(content: Buffer): boolean {
  const head = content
    .toString('latin1', 0, 64)
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart();
  return head.charCodeAt(0) === openBrace;
}

function toRequest(signal: Signal, body: Uint8Array): DeliverableRequest {
  return { signal, body, itemCount: countItems(signal, body) };
}

function skipped(reason: string): MessageRequests {
  return { kind: 'skipped', reason };
}
