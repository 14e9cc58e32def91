/** Finds the signal of a request from its path, for fake destinations. */
import { exportMethodPath } from '../../src/shared/otlp-messages.ts';
import { type Signal, signals } from '../../src/shared/signal.ts';

/**
 * Accepts the gRPC method, and /v1/traces etc. below any path. Returns undefined for other paths.
 */
export function signalOfPath(path: string): Signal | undefined {
  return signals.find((signal) => {
    return path === exportMethodPath(signal) || path.endsWith(`/v1/${signal}`);
  });
}
