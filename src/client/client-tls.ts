/** Checks the TLS files of a client before they are used. */
import { createSecureContext } from 'node:tls';
import { certificatesFault } from '../shared/pem-certificates.ts';
import type { ClientTls } from './client-port.ts';

/** Returns why TLS cannot use the files, without a full stop; undefined if it can. */
export function clientTlsFault({ authorities, certificate, key }: ClientTls): string | undefined {
  try {
    createSecureContext({ ca: authorities, cert: certificate, key });
  } catch (error) {
    const { message } = error as Error;
    const isOtherKey = message.includes('key values mismatch');
    return isOtherKey ? 'the key does not belong to the certificate' : message;
  }
  const fault = authorities && certificatesFault(authorities.toString());
  return fault === undefined ? undefined : `the file of authorities ${fault}`;
}
