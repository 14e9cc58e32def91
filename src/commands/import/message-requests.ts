/** What a message of a file asks for: the requests that it holds, in protobuf. */
import { readJsonText } from '../../accept/json-text.ts';
import { otlpFromJsonValue } from '../../accept/otlp-json.ts';
import { inflateZstd } from '../../accept/zstd-body.ts';
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

/** As long as a request may be. */
const contentBytesMax = 512 * 1024 * 1024;

const openBrace = 0x7b;

/** The signal is of protobuf; of JSON it is the only one that is wanted, where it is given. */
export async function toRequests(
  message: Buffer,
  signals: { readonly ofProtobuf: Signal | undefined; readonly wanted: Signal | undefined },
): Promise<MessageRequests> {
  if (!isZstd(message)) return readContent(message, signals);
  const inflated = await inflateZstd(message, contentBytesMax);
  if (inflated.kind === 'body') return readContent(Buffer.from(inflated.bytes), signals);
  return skipped(inflated.kind === 'too_large' ? 'its content is too large' : inflated.reason);
}

function readContent(
  content: Buffer,
  { ofProtobuf, wanted }: Parameters<typeof toRequests>[1],
): MessageRequests {
  if (looksLikeJson(content)) return fromJson(content, wanted);
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

/** A message that names several signals is a request of each. */
function fromJson(text: Buffer, wanted: Signal | undefined): MessageRequests {
  const json = readJsonText(text);
  if (json.kind === 'too_deep') return skipped('its values are nested too deeply');
  if (json.kind === 'malformed') return skipped(json.reason);
  const fields = json.value as Readonly<Record<string, unknown>>;
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

function toRequest(signal: Signal, body: Uint8Array): DeliverableRequest {
  return { signal, body, itemCount: countItems(signal, body) };
}

function skipped(reason: string): MessageRequests {
  return { kind: 'skipped', reason };
}
