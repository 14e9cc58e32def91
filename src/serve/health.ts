/** The answer of GET /health, decided from the checks. */
import type { HealthCheck } from './recorder-view.ts';

export interface Health {
  readonly status: HealthCheck['status'];
  readonly checks: readonly HealthCheck[];
}

/** The worst check decides. */
export function summarizeHealth(checks: readonly HealthCheck[]): Health {
  const has = (status: HealthCheck['status']) => checks.some((check) => check.status === status);
  const status = has('failing') ? 'failing' : has('degraded') ? 'degraded' : 'ok';
  return { status, checks };
}

/** 503 tells a load balancer to look elsewhere: this recorder cannot record. */
export function healthStatusCode(health: Health): 200 | 503 {
  return health.status === 'failing' ? 503 : 200;
}
