/** The options of both receivers, and the handle of an open one. */
import type { Signal } from '../shared/signal.ts';
import type { Authorise } from './credentials.ts';
import type { Intake } from './intake.ts';
import type { ListenOptions } from './listen.ts';
import type { LogRefusal } from './refusal-log.ts';
import type { TlsMaterial } from './tls-material.ts';

export type Transport = 'http' | 'grpc';

/**
 * Called once for each answered request, with its HTTP status or gRPC code. The signal is undefined
 * if the path belongs to none.
 */
export type CountRequest = (signal: Signal | undefined, transport: Transport, code: number) => void;

export interface ReceiverOptions extends ListenOptions {
  /** Requests of other signals are answered with 404 or UNIMPLEMENTED. */
  readonly signals: readonly Signal[];
  /** Size limit of one request, both before and after decompression, in bytes. */
  readonly requestBytesMax: number;
  readonly intake: Intake;
  readonly countRequest: CountRequest;
  readonly logRefusal: LogRefusal;
  /** If absent, everybody who can connect may send. */
  readonly authorise?: Authorise | undefined;
  /** If absent, connections are not encrypted. */
  readonly tls?: TlsMaterial | undefined;
  /** Web pages of these origins may send over HTTP. */
  readonly corsOrigins?: readonly string[];
}

export interface OpenReceiver {
  readonly port: number;
  /**
   * Uses other TLS material for new connections; open connections keep theirs. The material must be
   * free of faults (`tlsFault`), and the receiver must have been opened with `tls`.
   */
  setTls(material: TlsMaterial): void;
  /**
   * Stops accepting and waits `graceMs` milliseconds for open requests to end. Then it closes their
   * connections. Resolves once all connections are closed.
   */
  close(graceMs: number): Promise<void>;
}
