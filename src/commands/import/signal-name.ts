/** Tells from a file's name what its protobuf is of. */
import { basename } from 'node:path';
import { type Signal, signals } from '../../shared/signal.ts';

/** Undefined unless the name has exactly one signal's name, as a word: `logs-2026.binpb`. */
export function signalOfFileName(path: string): Signal | undefined {
  const name = basename(path).toLowerCase();
  const named = signals.filter((signal) => new RegExp(`(?<![a-z])${signal}(?![a-z])`).test(name));
  return named.length === 1 ? named[0] : undefined;
}
