/** Finds the files that `archer verify` is asked for: those named, and those in named folders. */
import { basename, join, normalize } from 'node:path';
import { damagedFolder } from '../../disk/layout.ts';
import type { Storage } from '../../disk/storage.ts';
import type { FileKind } from './file-kind.ts';

export interface FoundFile {
  readonly path: string;
  readonly kind: FileKind;
  readonly bytes: number;
}

/** An output directory has three levels; a folder of many of them a few more. */
const folderDepthMax = 16;

/** The files in order of their names; undefined where the path leads to neither file nor folder. */
export function findFiles(
  storage: Storage,
  path: string,
  kinds: readonly [FileKind, ...FileKind[]],
): FoundFile[] | undefined {
  const facts = storage.stat(path);
  if (facts?.kind === 'file') {
    const kind = kinds.find(({ isNamed }) => isNamed(basename(path))) ?? kinds[0];
    return [{ path, kind, bytes: facts.bytes }];
  }
  // A link to a folder is followed when it is named, as `ls` does.
  const isFolder = facts?.kind === 'folder' || storage.stat(`${path}/.`)?.kind === 'folder';
  return isFolder ? filesOf(storage, path, kinds, 1) : undefined;
}

function filesOf(
  storage: Storage,
  folder: string,
  kinds: readonly FileKind[],
  depth: number,
): FoundFile[] {
  if (depth > folderDepthMax) return [];
  const entries = storage.list(folder).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap(({ name, kind: entryKind }) => {
    const path = join(folder, name);
    if (entryKind === 'folder') {
      return path.endsWith(normalize(damagedFolder))
        ? []
        : filesOf(storage, path, kinds, depth + 1);
    }
    const kind = entryKind === 'file' ? kinds.find(({ isNamed }) => isNamed(name)) : undefined;
    const facts = kind && storage.stat(path);
    return kind && facts ? [{ path, kind, bytes: facts.bytes }] : [];
  });
}
