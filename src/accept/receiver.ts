/** What both receivers are given, and what they are once they are open. */
import type { Signal } from '../shared/signal.ts';
import type { Authorise } from './credentials.ts';
import type { Intake } from './intake.ts';
import type { ListenOptions } from './listen.ts';

export type Transport = 'http' | 'grpc';

/** Called once for each answered request of a known signal, with its HTTP status or gRPC code. */
export type CountRequest = (signal: Signal, transport: Transport, code: number) => void;

/** In PEM, as read from the files of the settings. */
export interface TlsMaterial {
  readonly certificate: Buffer;
  readonly key: Buffer;
  /** Where it is set, clients must show a certificate that one of these has signed. */
  readonly clientAuthorities?: Buffer;
}

export interface ReceiverOptions extends ListenOptions {
  /** The others are answered with 404 and UNIMPLEMENTED. */
  readonly signals: readonly Signal[];
  /** Of one request, before and after decompression. */
  readonly requestBytesMax: number;
  readonly intake: Intake;
  readonly countRequest: CountRequest;
  /** Absent: whoever connects may send. */
  readonly authorise?: Authorise | undefined;
  /** Absent: connections are not encrypted. */
  readonly tls?: TlsMaterial | undefined;
  /** Pages of these origins may send over HTTP. */
  readonly corsOrigins?: readonly string[];
}

export interface OpenReceiver {
  readonly port: number;
  /** Stops accepting, gives open requests so long to end, and then ends them. */
  close(graceMs: number): Promise<void>;
}
