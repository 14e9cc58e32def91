/**
 * A disk in memory that can lose power. Each sector that was not synced then survives or not, at
 * random.
 */
import { basename, dirname } from 'node:path';
import type { FolderEntry, OpenFile, Storage } from '../../src/disk/storage.ts';
import type { TestRandom } from '../random.ts';
import { diskError } from './fault-storage.ts';

const sectorBytes = 512;

/** Decides the fate of each sector. */
type Chance = Pick<TestRandom, 'below' | 'bytes'>;

/** A file's bytes as programs see them, and the bytes that are durable. */
interface Content {
  bytes: Uint8Array;
  durable: Uint8Array;
  links: number;
  readonly inode: number;
}

export class VolatileStorage implements Storage {
  #names = new Map<string, Content>();
  #durableNames = new Map<string, Content>();
  #folders = new Set<string>(['/']);
  readonly #open = new Map<OpenFile, Content>();
  #nextFile = 3;
  #nextInode = 2;
  /** A read that touches these bytes of a file fails with EIO. */
  #unreadable: { readonly content: Content; readonly from: number; readonly to: number }[] = [];

  /** Loses power: each sector has either its last synced or its last written content. */
  losePower(random: Chance): void {
    this.#open.clear();
    this.#names = new Map(this.#durableNames);
    for (const content of this.#names.values()) {
      content.bytes = afterPowerLoss(content, random);
      content.durable = content.bytes.slice();
    }
  }

  /** Returns the bytes of a file, for tests that damage or inspect it. */
  bytesOf(path: string): Uint8Array {
    return this.#named(path).bytes;
  }

  makeUnreadable(path: string, from: number, to: number): void {
    this.#unreadable.push({ content: this.#named(path), from, to });
  }

  put(path: string, bytes: Uint8Array): void {
    const inode = this.#nextInode++;
    const content = { bytes: bytes.slice(), durable: bytes.slice(), links: 1, inode };
    this.#names.set(path, content);
    this.#durableNames.set(path, content);
  }

  open: Storage['open'] = (path, mode) => {
    const exists = this.#names.has(path);
    if (mode === 'create' && exists) throw diskError('EEXIST');
    if (mode === 'create') {
      if (!this.#folders.has(dirname(path))) throw diskError('ENOENT');
      const empty = { bytes: new Uint8Array(0), durable: new Uint8Array(0) };
      this.#names.set(path, { ...empty, links: 1, inode: this.#nextInode++ });
    }
    const file = this.#nextFile++;
    this.#open.set(file, this.#named(path));
    return file;
  };
  close: Storage['close'] = (file) => {
    if (!this.#open.delete(file)) throw diskError('EBADF');
  };
  write: Storage['write'] = (file, views, position) => {
    const content = this.#content(file);
    const source = Buffer.concat(views);
    const end = position + source.byteLength;
    if (end > content.bytes.byteLength) content.bytes = resized(content.bytes, end);
    content.bytes.set(source, position);
    return source.byteLength;
  };
  read: Storage['read'] = (file, view, position) => {
    const content = this.#content(file);
    const end = position + view.byteLength;
    const isHit = this.#unreadable.some(
      (bad) => bad.content === content && bad.from < end && bad.to > position,
    );
    if (isHit) throw diskError('EIO');
    const found = content.bytes.subarray(position, end);
    view.set(found);
    return found.byteLength;
  };
  truncate: Storage['truncate'] = (file, bytes) => {
    const content = this.#content(file);
    content.bytes = resized(content.bytes, bytes);
  };
  syncData: Storage['syncData'] = (file) => {
    const content = this.#content(file);
    content.durable = content.bytes.slice();
  };
  syncFolder: Storage['syncFolder'] = (path) => {
    const isInside = (name: string) => dirname(name) === path;
    for (const name of [...this.#durableNames.keys()].filter(isInside)) {
      this.#durableNames.delete(name);
    }
    for (const [name, content] of this.#names) {
      if (isInside(name)) this.#durableNames.set(name, content);
    }
  };
  rename: Storage['rename'] = (from, to) => {
    this.#names.set(to, this.#named(from));
    this.#names.delete(from);
  };
  remove: Storage['remove'] = (path) => {
    this.#named(path).links -= 1;
    this.#names.delete(path);
  };
  removeFolder: Storage['removeFolder'] = (path) => {
    if (this.list(path).length > 0) throw diskError('ENOTEMPTY');
    if (!this.#folders.delete(path)) throw diskError('ENOENT');
  };
  makeFolder: Storage['makeFolder'] = (path) => {
    for (let folder = path; !this.#folders.has(folder); folder = dirname(folder)) {
      this.#folders.add(folder);
    }
  };
  list: Storage['list'] = (path) => [
    ...entries(this.#names.keys(), path, 'file'),
    ...entries(this.#folders, path, 'folder'),
  ];
  stat: Storage['stat'] = (path) => {
    if (this.#folders.has(path)) return folderFacts;
    const content = this.#names.get(path);
    return content === undefined ? undefined : factsOf(content);
  };
  statOpen: Storage['statOpen'] = (file) => factsOf(this.#content(file));
  freeBytes: Storage['freeBytes'] = () => 2 ** 40;

  #named(path: string): Content {
    const content = this.#names.get(path);
    if (content === undefined) throw diskError('ENOENT');
    return content;
  }

  #content(file: OpenFile): Content {
    const content = this.#open.get(file);
    if (content === undefined) throw diskError('EBADF');
    return content;
  }
}

function entries(
  names: Iterable<string>,
  folder: string,
  kind: FolderEntry['kind'],
): FolderEntry[] {
  const inside = [...names].filter((name) => dirname(name) === folder && name !== folder);
  return inside.map((name) => ({ name: basename(name), kind }));
}

const folderFacts = {
  kind: 'folder',
  ...{ bytes: 0, modifiedMs: 0, links: 1, device: 1, inode: 1 },
} as const;

function factsOf({ bytes, links, inode }: Content) {
  const facts = { kind: 'file', bytes: bytes.byteLength, modifiedMs: 0, links } as const;
  return { ...facts, device: 1, inode };
}

function resized(bytes: Uint8Array, byteLength: number): Uint8Array {
  const other = new Uint8Array(byteLength);
  other.set(bytes.subarray(0, byteLength));
  return other;
}

function afterPowerLoss({ bytes, durable }: Content, random: Chance): Uint8Array {
  const length = random.below(2) === 0 ? bytes.byteLength : durable.byteLength;
  const result = resized(durable, length);
  for (let at = 0; at < length; at += sectorBytes) {
    const sector = bytes.subarray(at, Math.min(at + sectorBytes, length));
    if (random.below(2) === 0) result.set(sector, at);
  }
  return result;
}
