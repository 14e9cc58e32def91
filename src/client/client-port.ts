/** A client of OTLP: what it is given, and what it does. */
import type { Compression, Protocol } from '../shared/otlp-protocol.ts';
import type { Signal } from '../shared/signal.ts';
import type { Answer } from './answer.ts';

/** In PEM. */
export interface ClientTls {
  /** Trusted instead of the system's authorities. */
  readonly authorities?: Buffer | undefined;
  readonly certificate?: Buffer | undefined;
  readonly key?: Buffer | undefined;
}

export interface OtlpClientOptions {
  readonly protocol: Protocol;
  /** HTTP appends /v1/traces and so on to its path; gRPC takes its scheme, host and port. */
  readonly endpoint: URL;
  readonly compression: Compression;
  readonly connectionsMax: number;
  readonly timeoutMs: number;
  readonly userAgent: string;
  /** Sent with each request, credentials among them. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: ClientTls;
}

export interface OtlpClient {
  /**
   * Never rejects: whatever happens is an answer. The body is in the protocol's own encoding: JSON
   * for http/json, protobuf for the others. An abort is an answer that may be tried again.
   */
  send(signal: Signal, body: Uint8Array, stop?: AbortSignal): Promise<Answer>;
  close(): void;
}
