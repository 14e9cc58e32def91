/** Where an export goes: a file, a folder with a file for each signal, or standard output. */
import { dirname, join } from 'node:path';
import { isFolderAt } from '../../disk/folder-at.ts';
import type { Storage } from '../../disk/storage.ts';
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

/** What is wrong with putting these signals there; undefined where nothing is. */
export function placeProblem(
  storage: Storage,
  place: ExportPlace,
  signals: readonly Signal[],
  ending: string,
  mayReplace: boolean,
): { readonly isUsage: boolean; readonly sentence: string } | undefined {
  if (signals.length > 1 && place.kind !== 'folder') {
    const what = place.kind === 'stdout' ? '-' : place.path;
    const which = `${signals.slice(0, -1).join(', ')} and ${signals.at(-1)} have rows`;
    const remedy = 'choose one with --signal, or name a folder, with a slash at its end';
    return {
      isUsage: true,
      sentence: `--output ${what} takes one signal, and ${which}: ${remedy}`,
    };
  }
  if (place.kind === 'file' && !isFolderAt(storage, dirname(place.path))) {
    const remedy = 'make it, or choose another --output';
    const sentence = `${place.path} cannot be written: its folder is not there: ${remedy}`;
    return { isUsage: false, sentence };
  }
  if (mayReplace) return undefined;
  for (const signal of signals) {
    const path = pathOf(place, signal, ending);
    if (path !== undefined && storage.stat(path) !== undefined) {
      const sentence = `${path} exists: choose another --output, or replace it with --force`;
      return { isUsage: false, sentence };
    }
  }
  return undefined;
}
