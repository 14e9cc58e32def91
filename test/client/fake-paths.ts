/** Tells the signal of a request from its path; for fake destinations. */
import { exportMethodPath } from '../../src/shared/otlp-messages.ts';
import { type Signal, signals } from '../../src/shared/signal.ts';

/** /v1/traces, below whatever path, or the gRPC method; undefined for others. */
export function signalOfPath(path: string): Signal | undefined {
  return signals.find((signal) => {
    return path === exportMethodPath(signal) || path.endsWith(`/v1/${signal}`);
  });
}
