/** Reads the files that the `tls.*` settings name for the receivers. */
import { type TlsMaterial, tlsFault } from '../accept/tls-material.ts';
import type { Config } from '../config/config.ts';
import { readPemFile } from '../config/pem-file.ts';
import type { Storage } from '../disk/storage.ts';
import { ArcherError, problem } from '../shared/errors.ts';

export type ReceiverTlsSettings = Pick<
  Config,
  'tls.cert_file' | 'tls.key_file' | 'tls.client_ca_file'
>;

/**
 * Returns undefined if the settings do not ask for TLS. Throws ERR_ARCHER_PEM_INVALID if a file
 * cannot be read, and ERR_ARCHER_TLS_FILES_UNUSABLE if TLS cannot use the files together.
 */
export function readReceiverTls(
  storage: Storage,
  config: ReceiverTlsSettings,
): TlsMaterial | undefined {
  const read = (key: keyof ReceiverTlsSettings) => {
    return readPemFile(storage, key, config[key])?.toString('utf8');
  };
  const [certificate, key] = [read('tls.cert_file'), read('tls.key_file')];
  const clientAuthorities = read('tls.client_ca_file');
  if (certificate === undefined || key === undefined) return undefined;
  const material = { certificate, key, clientAuthorities };
  const fault = tlsFault(material);
  if (fault === undefined) return material;
  const files = (['tls.cert_file', 'tls.key_file', 'tls.client_ca_file'] as const)
    .filter((setting) => config[setting] !== undefined)
    .map((setting) => `${setting} ${config[setting]}`);
  const facts = { files: files.join(', '), fault };
  throw new ArcherError(problem('ERR_ARCHER_TLS_FILES_UNUSABLE', facts));
}
