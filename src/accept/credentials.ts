/** Decides from the Authorization header of a request if its sender may send. */
import { isSameDigest, secretDigest } from '../shared/secret-digest.ts';

export interface KnownCredentials {
  readonly bearerTokens: readonly string[];
  /** Each is `user:password`. */
  readonly basic: readonly string[];
}

/** Takes the value of an Authorization header; true if it is any one of the known credentials. */
export type Authorise = (authorization: string | undefined) => boolean;

/** Returns undefined if no credentials are configured: then everybody may send. */
export function openAuthorisation(known: KnownCredentials): Authorise | undefined {
  const digests = [
    ...known.bearerTokens.map((token) => secretDigest(`bearer ${token}`)),
    ...known.basic.map((pair) => secretDigest(`basic ${pair}`)),
  ];
  if (digests.length === 0) return undefined;
  return (authorization) => {
    const given = secretDigest(plainCredentials(authorization ?? ''));
    // All digests are compared, so that the time does not reveal which one matched.
    return digests.map((digest) => isSameDigest(digest, given)).includes(true);
  };
}

/**
 * Returns the scheme in lower case and the credentials. Basic credentials are decoded from base64,
 * because clients differ in padding it.
 */
function plainCredentials(authorization: string): string {
  const [, scheme = '', rest = ''] = /^(\S+) +(.*)$/.exec(authorization.trim()) ?? [];
  const name = scheme.toLowerCase();
  return `${name} ${name === 'basic' ? Buffer.from(rest, 'base64').toString('utf8') : rest}`;
}
