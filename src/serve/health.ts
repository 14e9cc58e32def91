/** Summarizes the health checks into the answer of GET /health. */
import type { HealthCheck } from './recorder-view.ts';

export interface Health {
  readonly status: HealthCheck['status'];
  readonly checks: readonly HealthCheck[];
}

/** The status is that of the worst check. */
export function summarizeHealth(checks: readonly HealthCheck[]): Health {
  const has = (status: HealthCheck['status']) => checks.some((check) => check.status === status);
  const status = has('failing') ? 'failing' : has('degraded') ? 'degraded' : 'ok';
  return { status, checks };
}

/** With 503, a load balancer stops sending to this recorder, which cannot record. */
export function healthStatusCode(health: Health): 200 | 503 {
  return health.status === 'failing' ? 503 : 200;
}
