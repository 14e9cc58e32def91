/** Who may send: the credentials that a request's Authorization header must bring. */
import { createHash, timingSafeEqual } from 'node:crypto';

export interface KnownCredentials {
  readonly bearerTokens: readonly string[];
  /** Each `user:password`. */
  readonly basic: readonly string[];
}

/** Whether the value of an Authorization header is known; any one of the credentials will do. */
export type Authorise = (authorization: string | undefined) => boolean;

/** Undefined where no credentials are demanded. */
export function openAuthorisation(known: KnownCredentials): Authorise | undefined {
  const digests = [
    ...known.bearerTokens.map((token) => digestOf(`bearer ${token}`)),
    ...known.basic.map((pair) => digestOf(`basic ${pair}`)),
  ];
  if (digests.length === 0) return undefined;
  return (authorization) => {
    const given = digestOf(plainCredentials(authorization ?? ''));
    // All are compared, so that the time says nothing of which one was nearly right.
    return digests.map((digest) => timingSafeEqual(digest, given)).includes(true);
  };
}

/** The scheme in lower case; of Basic what its base64 stands for, however that is padded. */
function plainCredentials(authorization: string): string {
  const [, scheme = '', rest = ''] = /^(\S+) +(.*)$/.exec(authorization.trim()) ?? [];
  const name = scheme.toLowerCase();
  return `${name} ${name === 'basic' ? Buffer.from(rest, 'base64').toString('utf8') : rest}`;
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
