/** The OTLP/gRPC client: unary Export calls whose messages pass through as bytes. */
import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  compressionAlgorithms,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import type { Clock } from '../shared/clock.ts';
import { exportMethodPath } from '../shared/otlp-messages.ts';
import type { Signal } from '../shared/signal.ts';
import { type Answer, answerBytesMax, judgeGrpcFailure } from './answer.ts';
import type { OtlpClient, OtlpClientOptions } from './client-port.ts';
import { acceptedAnswer } from './partial-success.ts';

/** A recorder restarts within seconds, but grpc-js would wait up to two minutes by default. */
const reconnectBackoffMs = { first: 200, max: 2_000 };

export function openGrpcClient(options: OtlpClientOptions, clock: Clock): OtlpClient {
  const { endpoint, compression, timeoutMs, userAgent, headers = {} } = options;
  const isSecure = endpoint.protocol === 'https:';
  const address = `${endpoint.hostname}:${endpoint.port || (isSecure ? 443 : 80)}`;
  const isGzip = compression === 'gzip';
  const client = new Client(address, channelCredentials(options), {
    'grpc.primary_user_agent': userAgent,
    'grpc.max_receive_message_length': answerBytesMax,
    'grpc.initial_reconnect_backoff_ms': reconnectBackoffMs.first,
    'grpc.max_reconnect_backoff_ms': reconnectBackoffMs.max,
    'grpc.enable_retries': 0,
    ...nameOverride(options),
    'grpc.default_compression_algorithm': isGzip
      ? compressionAlgorithms.gzip
      : compressionAlgorithms.identity,
  });
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);

  function send(signal: Signal, body: Uint8Array, stop?: AbortSignal): Promise<Answer> {
    return new Promise<Answer>((resolve) => {
      const deadline = clock.unixMs() + timeoutMs;
      const cancel = () => call.cancel();
      const done = (error: ServiceError | null, answer: Uint8Array | undefined) => {
        stop?.removeEventListener('abort', cancel);
        if (error !== null) resolve(judgeGrpcFailure(error));
        else resolve(acceptedAnswer(signal, 'protobuf', answer));
      };
      const path = exportMethodPath(signal);
      const call = client.makeUnaryRequest(
        path,
        asBuffer,
        asIs,
        body,
        metadata,
        { deadline },
        done,
      );
      if (stop?.aborted) cancel();
      else stop?.addEventListener('abort', cancel, { once: true });
    });
  }
  return { send, close: () => client.close() };
}

function channelCredentials({ endpoint, tls = {} }: OtlpClientOptions): ChannelCredentials {
  if (endpoint.protocol !== 'https:') return credentials.createInsecure();
  const { authorities = null, key = null, certificate = null } = tls;
  const address = ipAddressOf(endpoint);
  if (address === undefined) return credentials.createSsl(authorities, key, certificate);
  return credentials.createSsl(authorities, key, certificate, {
    checkServerIdentity: (_name, shown) => checkServerIdentity(address, shown),
  });
}

/**
 * grpc-js sends the host of the endpoint as the TLS server name. TLS does not allow IP addresses
 * there (RFC 6066, 3), and Node 26 refuses to send one.
 */
function nameOverride({ endpoint }: OtlpClientOptions): ChannelOptions {
  const isNamed = endpoint.protocol !== 'https:' || ipAddressOf(endpoint) === undefined;
  return isNamed ? {} : { 'grpc.ssl_target_name_override': 'address.invalid' };
}

/** Returns undefined if the host is a name. */
function ipAddressOf({ hostname }: URL): string | undefined {
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(address) === 0 ? undefined : address;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}
