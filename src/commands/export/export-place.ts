/** Where an export goes: a file, a folder with a file for each signal, or standard output. */
import { dirname, join } from 'node:path';
import { isFolderAt } from '../../disk/folder-at.ts';
import type { Storage } from '../../disk/storage.ts';
import { type Problem, problem } from '../../shared/errors.ts';
import type { Signal } from '../../shared/signal.ts';

export type ExportPlace =
  | { readonly kind: 'stdout' }
  | { readonly kind: 'file' | 'folder'; readonly path: string };

/** A folder is one that is there, or whose path ends with a slash. */
export function placeOf(storage: Storage, output: string): ExportPlace {
  if (output === '-') return { kind: 'stdout' };
  const isFolder = /[/\\]$/.test(output) || isFolderAt(storage, output);
  return { kind: isFolder ? 'folder' : 'file', path: output };
}

/** The path of a signal's file; undefined for standard output. */
export function pathOf(place: ExportPlace, signal: Signal, ending: string): string | undefined {
  if (place.kind === 'stdout') return undefined;
  return place.kind === 'file' ? place.path : join(place.path, `${signal}.${ending}`);
}

/** Returns why files of these signals cannot be written there; undefined if they can. */
export function placeProblem(
  storage: Storage,
  place: ExportPlace,
  signals: readonly Signal[],
  ending: string,
  mayReplace: boolean,
): Problem | undefined {
  if (signals.length > 1 && place.kind !== 'folder') {
    const path = place.kind === 'stdout' ? '-' : place.path;
    const names = `${signals.slice(0, -1).join(', ')} and ${signals.at(-1)}`;
    return problem('ERR_ARCHER_OUTPUT_TAKES_ONE_SIGNAL', { path, signals: names });
  }
  if (place.kind === 'file' && !isFolderAt(storage, dirname(place.path))) {
    const facts = { path: place.path, reason: 'its folder does not exist' };
    return problem('ERR_ARCHER_OUTPUT_UNWRITABLE', facts);
  }
  if (mayReplace) return undefined;
  for (const signal of signals) {
    const path = pathOf(place, signal, ending);
    if (path !== undefined && storage.stat(path) !== undefined) {
      return problem('ERR_ARCHER_OUTPUT_EXISTS', { path });
    }
  }
  return undefined;
}
