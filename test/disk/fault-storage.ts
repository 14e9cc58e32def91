/** A disk with faults on demand. It also records the calls that it gets. */
import { basename } from 'node:path';
import type { OpenFile, Storage } from '../../src/disk/storage.ts';
import { unsyncedStorage } from './unsynced-storage.ts';

export type Operation = keyof Storage;

/** Returns an error like those of Node. */
export function diskError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: a fault of the test's disk`), { code });
}

interface Fault {
  readonly operation: Operation;
  readonly code: string;
  /** Number of calls of the operation that succeed before the fault. */
  callsBefore: number;
  /** Number of bytes of a failing write that still reach the file. */
  readonly bytesBefore: number;
}

export class FaultStorage implements Storage {
  readonly #inner: Storage;
  readonly #names = new Map<OpenFile, string>();
  #faults: Fault[] = [];
  /**
   * Operation and name of each call: `syncData a.arrow`. Reads, stats and lists are not recorded.
   */
  readonly calls: string[] = [];
  /** The most bytes that one write or read moves. */
  bytesPerCallMax = Number.POSITIVE_INFINITY;

  constructor(inner: Storage = unsyncedStorage) {
    this.#inner = inner;
  }

  get openCount(): number {
    return this.#names.size;
  }

  /**
   * Makes the operation fail once, after `callsBefore` good calls. A write fails after
   * `bytesBefore` bytes.
   */
  failOnce(operation: Operation, code: string, { callsBefore = 0, bytesBefore = 0 } = {}): void {
    this.#faults.push({ operation, code, callsBefore, bytesBefore });
  }

  heal(): void {
    this.#faults = [];
    this.bytesPerCallMax = Number.POSITIVE_INFINITY;
  }

  open: Storage['open'] = (path, mode) => {
    this.#meet('open', path);
    const file = this.#inner.open(path, mode);
    this.#names.set(file, basename(path));
    return file;
  };
  close: Storage['close'] = (file) => {
    const name = this.#names.get(file);
    if (name === undefined) throw diskError('EBADF');
    this.#names.delete(file);
    this.#inner.close(file);
    this.#meet('close', name);
  };
  write: Storage['write'] = (file, views, position) => {
    const fault = this.#due('write', this.#nameOf(file));
    const bytesMax = fault === undefined ? this.bytesPerCallMax : fault.bytesBefore;
    const bytes = Buffer.concat(views).subarray(0, bytesMax);
    const written = bytes.length === 0 ? 0 : this.#inner.write(file, [bytes], position);
    if (fault !== undefined) throw diskError(fault.code);
    return written;
  };
  read: Storage['read'] = (file, view, position) => {
    const fault = this.#due('read');
    if (fault !== undefined) throw diskError(fault.code);
    return this.#inner.read(file, view.subarray(0, this.bytesPerCallMax), position);
  };
  truncate: Storage['truncate'] = (file, bytes) => {
    this.#meet('truncate', this.#nameOf(file));
    this.#inner.truncate(file, bytes);
  };
  syncData: Storage['syncData'] = (file) => {
    this.#meet('syncData', this.#nameOf(file));
    this.#inner.syncData(file);
  };
  syncFolder: Storage['syncFolder'] = (path) => {
    this.#meet('syncFolder', path);
    this.#inner.syncFolder(path);
  };
  rename: Storage['rename'] = (from, to) => {
    this.#meet('rename', to);
    this.#inner.rename(from, to);
  };
  remove: Storage['remove'] = (path) => {
    this.#meet('remove', path);
    this.#inner.remove(path);
  };
  removeFolder: Storage['removeFolder'] = (path) => {
    this.#meet('removeFolder', path);
    this.#inner.removeFolder(path);
  };
  makeFolder: Storage['makeFolder'] = (path) => {
    this.#meet('makeFolder', path);
    this.#inner.makeFolder(path);
  };
  list: Storage['list'] = (path) => this.#inner.list(path);
  stat: Storage['stat'] = (path) => this.#inner.stat(path);
  statOpen: Storage['statOpen'] = (file) => this.#inner.statOpen(file);
  freeBytes: Storage['freeBytes'] = (path) => this.#inner.freeBytes(path);

  #nameOf(file: OpenFile): string {
    const name = this.#names.get(file);
    if (name === undefined) throw diskError('EBADF');
    return name;
  }

  #meet(operation: Operation, path: string): void {
    const fault = this.#due(operation, basename(path));
    if (fault !== undefined) throw diskError(fault.code);
  }

  #due(operation: Operation, name?: string): Fault | undefined {
    if (name !== undefined) this.calls.push(`${operation} ${name}`);
    const fault = this.#faults.find((candidate) => candidate.operation === operation);
    if (fault === undefined || fault.callsBefore-- > 0) return undefined;
    this.#faults = this.#faults.filter((other) => other !== fault);
    return fault;
  }
}
