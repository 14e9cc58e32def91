/** Guards the dashboard port against DNS rebinding, foreign pages and missing tokens. */
import { isIP } from 'node:net';
import { type Problem, problem } from '../shared/errors.ts';
import { isSameDigest, secretDigest } from '../shared/secret-digest.ts';

export interface AccessRules {
  /** dashboard.host: the address that the server listens on. */
  readonly host: string;
  /** Host names that are answered; `*` means any. */
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

/** Matches every Host name in `dashboard.allowed_hosts`. */
const anyHost = '*';

/** Returns undefined if the request is allowed. */
export function refuseAccess(
  rules: AccessRules,
  request: AccessRequest,
): AccessRefusal | undefined {
  // Health checks of load balancers and orchestrators use any Host and have no token.
  if (request.method === 'GET' && request.path === '/health') return undefined;
  if (!isAllowedHost(rules, request.host)) {
    return { statusCode: 403, problem: problem('ERR_ARCHER_HOST_NOT_ALLOWED', {}) };
  }
  if (request.method === 'POST' && !isAllowedOrigin(rules, request)) {
    return { statusCode: 403, problem: problem('ERR_ARCHER_ORIGIN_NOT_ALLOWED', {}) };
  }
  if (!hasToken(rules, request.authorization)) {
    return { statusCode: 401, problem: problem('ERR_ARCHER_TOKEN_REQUIRED', {}) };
  }
  return undefined;
}

/**
 * DNS rebinding needs a name that an attacker points to this recorder. So an IP address is
 * harmless, and so is an empty or missing Host, which no browser sends.
 */
function isAllowedHost(rules: AccessRules, host = ''): boolean {
  if (host === '' || rules.allowedHosts.includes(anyHost)) return true;
  const name = hostName(host);
  return name !== undefined && (isIP(name) !== 0 || isKnownName(rules, name));
}

/**
 * Browsers send Origin with each POST, so a request without it does not come from a page. A page is
 * allowed if its origin is the recorder itself or has a known name.
 */
function isAllowedOrigin(rules: AccessRules, { origin, host }: AccessRequest): boolean {
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  const originHost = new URL(origin).host;
  const name = hostName(originHost);
  if (name === undefined) return false;
  return originHost === host?.toLowerCase() || isLoopback(name) || isKnownName(rules, name);
}

function isKnownName(rules: AccessRules, name: string): boolean {
  const known = ['localhost', rules.host, ...rules.allowedHosts];
  return known.some((host) => host.toLowerCase() === name);
}

function isLoopback(name: string): boolean {
  return /^127\.\d+\.\d+\.\d+$/.test(name) || name === '::1';
}

/** Returns the name of a Host header in lower case, without port and brackets. */
function hostName(host: string): string | undefined {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host);
  return (match?.[1] ?? match?.[2])?.toLowerCase() || undefined;
}

function hasToken(rules: AccessRules, authorization: string | undefined): boolean {
  if (rules.bearerToken === undefined) return true;
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  return given !== undefined && isSameDigest(secretDigest(rules.bearerToken), secretDigest(given));
}
