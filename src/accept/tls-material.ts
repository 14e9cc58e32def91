/** The certificate, key and client CA of the receivers, as options of Node's TLS servers. */
import { createSecureContext, type TlsOptions } from 'node:tls';
import { certificatesFault } from '../shared/pem-certificates.ts';

/** All fields are the text of a PEM file. */
export interface TlsMaterial {
  readonly certificate: string;
  readonly key: string;
  /** If set, a client must show a certificate that one of these authorities has signed. */
  readonly clientAuthorities?: string | undefined;
}

/**
 * A client that has not finished its handshake after this time is disconnected, because it keeps a
 * connection from others.
 */
export const handshakeMsMax = 10_000;

/** For `tls.createServer`, `https.createServer` and `setSecureContext` of such a server. */
export function tlsOptions({ certificate, key, clientAuthorities }: TlsMaterial): TlsOptions {
  const pair = { cert: certificate, key, handshakeTimeout: handshakeMsMax };
  if (clientAuthorities === undefined) return pair;
  return { ...pair, ca: clientAuthorities, requestCert: true, rejectUnauthorized: true };
}

/** Returns why TLS cannot use the material, without a full stop; undefined if it can. */
export function tlsFault(material: TlsMaterial): string | undefined {
  try {
    createSecureContext(tlsOptions(material));
  } catch (error) {
    const { message } = error as Error;
    const isOtherKey = message.includes('key values mismatch');
    return isOtherKey ? 'the key does not belong to the certificate' : message;
  }
  const { clientAuthorities } = material;
  // OpenSSL ignores damaged authorities, and then no client could connect any more.
  const fault = clientAuthorities && certificatesFault(clientAuthorities);
  return fault ? `the client CA ${fault}` : undefined;
}
