/** Reads the files of certificates and keys that settings name. */

import { readHead } from '../disk/file-range.ts';
import type { Storage } from '../disk/storage.ts';
import { ArcherError, type Problem, problem, problemOf } from '../shared/errors.ts';
import type { Config } from './config.ts';

/** A chain of certificates has some KiB, and all authorities of a system some hundred KiB. */
const pemBytesMax = 1024 * 1024;

/**
 * Returns the bytes of the file; undefined if the setting names none. Throws an error of one line,
 * with setting, path and remedy, if the file cannot be read or is not PEM.
 */
export function readPemFile(
  storage: Storage,
  key: string,
  path: string | undefined,
): Buffer | undefined {
  if (path === undefined) return undefined;
  const bytes = readBytes(storage, key, path);
  if (bytes === undefined) throw pemError(key, `there is no file ${path}`);
  const pem = Buffer.from(bytes);
  if (pem.includes('-----BEGIN ')) return pem;
  throw pemError(key, `${path} has no line that starts with -----BEGIN`);
}

const listenerKeys = ['tls.cert_file', 'tls.key_file', 'tls.client_ca_file'] as const;

type ListenerFiles = Pick<Config, (typeof listenerKeys)[number]>;

/** Returns the paths of all files that the receivers use. */
export function listenerPemFiles(config: ListenerFiles): string[] {
  return listenerKeys.flatMap((key) => config[key] ?? []);
}

/**
 * Returns a problem for each file of the receivers that cannot be used. Files of destinations are
 * not checked here, because forwarding waits until they can be read.
 */
export function pemProblems(storage: Storage, config: ListenerFiles): Problem[] {
  return listenerKeys.flatMap((key) => {
    try {
      readPemFile(storage, key, config[key]);
      return [];
    } catch (error) {
      return [problemOf(error)];
    }
  });
}

function readBytes(storage: Storage, key: string, path: string): Uint8Array | undefined {
  try {
    return readHead(storage, path, pemBytesMax);
  } catch (error) {
    const { message } = error as Error;
    throw pemError(key, `${path} cannot be read: ${message}`);
  }
}

function pemError(key: string, fault: string): ArcherError {
  return new ArcherError(problem('ERR_ARCHER_PEM_INVALID', { key, fault }));
}
