/** The port to an OTLP client: its options and its contract. */
import type { Compression, Protocol } from '../shared/otlp-protocol.ts';
import type { Signal } from '../shared/signal.ts';
import type { Answer } from './answer.ts';

/** All fields are PEM files. */
export interface ClientTls {
  /** Authorities that are trusted instead of those of the system. */
  readonly authorities?: Buffer | undefined;
  readonly certificate?: Buffer | undefined;
  readonly key?: Buffer | undefined;
}

export interface OtlpClientOptions {
  readonly protocol: Protocol;
  /** HTTP appends `/v1/traces` and so on to its path. gRPC uses only scheme, host and port. */
  readonly endpoint: URL;
  readonly compression: Compression;
  readonly connectionsMax: number;
  readonly timeoutMs: number;
  readonly userAgent: string;
  /** Headers of each request, including credentials. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: ClientTls;
}

export interface OtlpClient {
  /**
   * Sends one request; the body is JSON for http/json and protobuf for the other protocols. Never
   * rejects: every failure is an answer. If `stop` is aborted, the answer is `unavailable`. The
   * body must not be changed before the answer.
   */
  send(signal: Signal, body: Uint8Array, stop?: AbortSignal): Promise<Answer>;
  close(): void;
}
