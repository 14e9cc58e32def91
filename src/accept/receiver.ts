/** What both receivers are given, and what they are once they are open. */
import type { Signal } from '../shared/signal.ts';
import type { Intake } from './intake.ts';
import type { ListenOptions } from './listen.ts';

export type Transport = 'http' | 'grpc';

/** Called once for each answered request of a known signal, with its HTTP status or gRPC code. */
export type CountRequest = (signal: Signal, transport: Transport, code: number) => void;

export interface ReceiverOptions extends ListenOptions {
  /** The others are answered with 404 and UNIMPLEMENTED. */
  readonly signals: readonly Signal[];
  /** Of one request, before and after decompression. */
  readonly requestBytesMax: number;
  readonly intake: Intake;
  readonly countRequest: CountRequest;
}

export interface OpenReceiver {
  readonly port: number;
  /** Stops accepting, gives open requests so long to end, and then ends them. */
  close(graceMs: number): Promise<void>;
}
