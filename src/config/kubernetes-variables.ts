/** Recognises the variables that Kubernetes sets in a pod for each Service of its namespace. */
import type { Environment } from './sources.ts';

/**
 * A Service named `otlp-http` makes OTLP_HTTP_SERVICE_HOST, OTLP_HTTP_SERVICE_PORT,
 * OTLP_HTTP_SERVICE_PORT_NAME, OTLP_HTTP_PORT_4318_TCP, and the last with _PROTO, _PORT and _ADDR.
 */
const serviceName =
  /^OTLP_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/;

/** Such a Service also sets OTLP_HTTP_PORT, which is a setting too. Its value tells them apart. */
const serviceAddress = /^(tcp|udp|sctp):\/\//;

export interface SplitEnvironment {
  /** The environment without the variables of Services. */
  readonly environment: Environment;
  /** One warning that names all variables of Services, if there are any. */
  readonly warnings: readonly string[];
}

export function withoutServiceVariables(environment: Environment): SplitEnvironment {
  const isOfService = ([name, value]: [string, string | undefined]) => {
    return serviceName.test(name) || (/^OTLP_(\w+_)?PORT$/.test(name) && isAddress(value));
  };
  const entries = Object.entries(environment);
  const names = entries.filter(isOfService).map(([name]) => name);
  if (names.length === 0) return { environment, warnings: [] };
  const own = Object.fromEntries(entries.filter((entry) => !isOfService(entry)));
  const remedy = 'enableServiceLinks: false in the pod turns them off';
  const warning = `ignored what Kubernetes sets for a Service: ${names.join(', ')}; ${remedy}`;
  return { environment: own, warnings: [warning] };
}

function isAddress(value: string | undefined): boolean {
  return value !== undefined && serviceAddress.test(value);
}
