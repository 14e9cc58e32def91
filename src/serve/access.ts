/** Guards the dashboard port against DNS rebinding, foreign pages and missing tokens. */
import { type Problem, problem } from '../shared/errors.ts';
import { isSameDigest, secretDigest } from '../shared/secret-digest.ts';

export interface AccessRules {
  /** dashboard.host: the address that the server listens on. */
  readonly host: string;
  readonly allowedHosts: readonly string[];
  readonly bearerToken: string | undefined;
}

export interface AccessRequest {
  readonly method: string;
  readonly path: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly authorization: string | undefined;
}

export interface AccessRefusal {
  readonly statusCode: 401 | 403;
  readonly problem: Problem;
}

/** Returns undefined if the request is allowed. */
export function refuseAccess(
  rules: AccessRules,
  request: AccessRequest,
): AccessRefusal | undefined {
  if (!isAllowedHost(rules, hostName(request.host))) {
    return { statusCode: 403, problem: problem('ERR_ARCHER_HOST_NOT_ALLOWED', {}) };
  }
  if (request.method === 'POST' && !isAllowedOrigin(rules, request.origin)) {
    return { statusCode: 403, problem: problem('ERR_ARCHER_ORIGIN_NOT_ALLOWED', {}) };
  }
  if (request.path !== '/health' && !hasToken(rules, request.authorization)) {
    return { statusCode: 401, problem: problem('ERR_ARCHER_TOKEN_REQUIRED', {}) };
  }
  return undefined;
}

function isAllowedHost(rules: AccessRules, name: string | undefined): boolean {
  if (name === undefined) return false;
  const allowed = ['localhost', rules.host, ...rules.allowedHosts];
  return isLoopback(name) || allowed.some((host) => host.toLowerCase() === name);
}

/** Browsers send Origin with each POST, so a request without it does not come from a page. */
function isAllowedOrigin(rules: AccessRules, origin: string | undefined): boolean {
  if (origin === undefined) return true;
  return URL.canParse(origin) && isAllowedHost(rules, hostName(new URL(origin).host));
}

function isLoopback(name: string): boolean {
  return /^127\.\d+\.\d+\.\d+$/.test(name) || name === '::1';
}

/** Returns the name of a Host header in lower case, without port and brackets. */
function hostName(host: string | undefined): string | undefined {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host ?? '');
  return (match?.[1] ?? match?.[2])?.toLowerCase() || undefined;
}

function hasToken(rules: AccessRules, authorization: string | undefined): boolean {
  if (rules.bearerToken === undefined) return true;
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  return given !== undefined && isSameDigest(secretDigest(rules.bearerToken), secretDigest(given));
}
