/** Summarizes the health checks into the answer of GET /health. */
import type { HealthCheck, RecoveryBytes } from './recorder-view.ts';

export interface Health {
  readonly status: HealthCheck['status'];
  readonly checks: readonly HealthCheck[];
  /** Only while the status is `starting`. */
  readonly recovery?: { readonly bytes_done: number; readonly bytes_to_do: number };
}

/** From best to worst. */
const statuses = ['ok', 'degraded', 'starting', 'failing'] as const;

/** The status is that of the worst check. */
export function summarizeHealth(checks: readonly HealthCheck[], recovery?: RecoveryBytes): Health {
  const has = (status: HealthCheck['status']) => checks.some((check) => check.status === status);
  const status = statuses.findLast(has) ?? 'ok';
  if (status !== 'starting' || recovery === undefined) return { status, checks };
  const { doneBytes, totalBytes } = recovery;
  const bytes = { bytes_done: doneBytes, bytes_to_do: totalBytes - doneBytes };
  return { status, checks, recovery: bytes };
}

/** With 503, a load balancer stops sending to this recorder, which cannot record. */
export function healthStatusCode(health: Health): 200 | 503 {
  return health.status === 'failing' || health.status === 'starting' ? 503 : 200;
}
