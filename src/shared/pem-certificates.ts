/** Checks the certificates of a PEM file, which OpenSSL would ignore if they are damaged. */
import { X509Certificate } from 'node:crypto';

/** Returns the end of a sentence such as `has no certificate`; undefined if all can be used. */
export function certificatesFault(pem: string): string | undefined {
  const blocks = pem.match(/-----BEGIN [^-]*CERTIFICATE-----[^-]*-----END [^-]*-----/g);
  if (blocks === null) return 'has no certificate';
  try {
    for (const block of blocks) new X509Certificate(block);
    return undefined;
  } catch (error) {
    return `has a damaged certificate (${(error as Error).message})`;
  }
}
