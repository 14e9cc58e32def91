/**
 * A fake decoder that holds what a test has given it: entries of every kind, cut from plain bytes.
 */
import type { BatchSource } from '../../src/columns/arrow/batch-source.ts';
import { entryKind } from '../../src/columns/arrow/cut-table.ts';
import { FrameModule } from './decode/zstd/frame-module.ts';
import { putRuns, type Run, runsContent } from './decode/zstd/runs.ts';

const pageBytes = 65536;

interface FakeEntry {
  readonly words: readonly [kind: number, address: number, bytes: number, aux: number];
  readonly content: Uint8Array;
}

export class FakeSource implements BatchSource {
  readonly module: FrameModule;
  /** The contents of the entries that are buffers, in order. */
  readonly contents: Uint8Array[] = [];
  readonly allocated = new Map<number, number>();
  readonly #entries: FakeEntry[] = [];
  #table = 0;
  services: readonly Run[] = [];
  times = { first: 0n, last: 0n, firstReceived: 1n, lastReceived: 1n };
  traceIdBytes: readonly Uint8Array[] = [];
  rowCount = 0;

  constructor(bytes = 8 * 1024 * 1024) {
    this.module = new FrameModule(bytes);
  }

  addNode(rows: number, nullCount: number): void {
    this.#add([entryKind.node, 0, rows, nullCount]);
  }

  addPlain(content: Uint8Array, aux = 0): void {
    const address = content.byteLength === 0 ? 0 : this.module.put(content);
    this.#add([entryKind.plain, address, content.byteLength, aux], content);
  }

  addZeros(bytes: number): void {
    this.#add([entryKind.zeros, 0, bytes, 0], new Uint8Array(bytes));
  }

  addHex(ids: Uint8Array): void {
    const text = Buffer.from(Buffer.from(ids).toString('hex'));
    this.#add([entryKind.hex, this.module.put(ids), text.byteLength, 0], text);
  }

  addRun(runs: readonly Run[]): void {
    const content = runsContent(runs);
    this.#add([entryKind.run, putRuns(this.module, runs), content.byteLength, 0], content);
  }

  addOffsets(content: Uint8Array): void {
    const address = this.module.put(content);
    this.#add([entryKind.offsets, address, content.byteLength, 0], content);
  }

  addTimes(content: Uint8Array): void {
    const address = this.module.put(content);
    this.#add([entryKind.times, address, content.byteLength, 0], content);
  }

  #add(words: FakeEntry['words'], content?: Uint8Array): void {
    this.#entries.push({ words, content: content ?? new Uint8Array(0) });
    if (content !== undefined) this.contents.push(content);
  }

  get memory(): BatchSource['memory'] {
    return { buffer: this.module.memory.buffer };
  }

  cut(): number {
    this.#table = this.module.putWords(this.#entries.flatMap(({ words }) => words));
    return this.#entries.length;
  }

  cutTable(): number {
    return this.#table;
  }

  /** Overwrites the 32 bytes behind the buffer too, as the real decoder may. */
  materialise(target: number, entry: number): void {
    const { content } = this.#entries[(entry - this.#table) / 16]!;
    this.module.memory.set(content, target);
    const end = target + content.byteLength;
    this.module.memory.fill(0xa5, end, end + 32);
  }

  rows = () => this.rowCount;
  firstTime = () => this.times.first;
  lastTime = () => this.times.last;
  firstReceivedTime = () => this.times.firstReceived;
  lastReceivedTime = () => this.times.lastReceived;
  servicesRun = () => putRuns(this.module, this.services);

  traceIds(): number {
    const ids = this.traceIdBytes;
    const offsets = [0];
    for (const id of ids) offsets.push(offsets.at(-1)! + id.byteLength * 2);
    return this.module.putWords([
      this.module.put(Buffer.concat(ids)),
      this.module.putWords(offsets),
    ]);
  }

  /** Always adds new pages, filled with other bytes, so that every older view is too short. */
  allocate(bytes: number): number {
    const address = this.module.grow(Math.ceil(bytes / pageBytes));
    this.module.memory.fill(0xa5, address, address + bytes);
    this.allocated.set(address, bytes);
    return address;
  }

  free(address: number): void {
    if (!this.allocated.delete(address)) throw new Error('freed what was not allocated');
  }

  zstdZeros = (target: number, bytes: number) => this.module.exports.zstdZeros(target, bytes);
  zstdHex = (target: number, ids: number, binaryBytes: number) =>
    this.module.exports.zstdHex(target, ids, binaryBytes);
  zstdRun = (target: number, column: number, bytes: number) =>
    this.module.exports.zstdRun(target, column, bytes);
  zstdOffsets = (target: number, offsets: number, bytes: number) =>
    this.module.exports.zstdOffsets(target, offsets, bytes);
  zstdTimes = (target: number, times: number, bytes: number) =>
    this.module.exports.zstdTimes(target, times, bytes);
  zstdBound = (bytes: number) => this.module.exports.zstdBound(bytes);
  zstdRunBound = (column: number, bytes: number) => this.module.exports.zstdRunBound(column, bytes);
  traceFilter = (target: number, traceIds: number, rows: number) =>
    this.module.exports.traceFilter(target, traceIds, rows);
  traceFilterBound = (rows: number) => this.module.exports.traceFilterBound(rows);
}
