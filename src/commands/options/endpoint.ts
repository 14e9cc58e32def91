/** The address of a destination, as people write it. */
import type { Protocol } from '../../shared/otlp-protocol.ts';

/** Where a recorder listens that nobody has configured. */
export const defaultEndpoints: Readonly<Record<Protocol, string>> = {
  'http/protobuf': 'http://127.0.0.1:4318',
  'http/json': 'http://127.0.0.1:4318',
  grpc: 'http://127.0.0.1:4317',
};

/** Undefined for what is none. gRPC users write host:port as often as a URL. */
export function parseEndpoint(text: string, protocol: Protocol): URL | undefined {
  const full = protocol === 'grpc' && !text.includes('://') ? `http://${text}` : text;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined;
}
