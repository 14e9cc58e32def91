/** The decoder's WebAssembly instance with types: requests go in, batches of columns come out. */
import { invariant } from '../shared/invariant.ts';
import { type Signal, signalNumber } from '../shared/signal.ts';
import type { BatchSource } from './arrow/batch-source.ts';

/** What `decode` gives back instead of a count of rows. */
export const decodeResult = { malformed: -1, tooDeep: -2, tooLarge: -3 } as const;

/** The exports of src/columns/decoder/index.ts. u32 comes as a signed number, 64 bits as bigint. */
interface DecoderExports {
  initialise(): void;
  reserve(bytes: number): number;
  allocate(bytes: number): number;
  free(address: number): void;
  decode(
    signal: number,
    address: number,
    bytes: number,
    receivedTime: bigint,
    batchId: bigint,
    heldBytesMax: number,
  ): number;
  rows(signal: number): number;
  heldBytes(signal: number): bigint;
  irregularRequestCount(): number;
  cut(signal: number): number;
  cutTable(): number;
  materialise(target: number, entry: number): void;
  firstTime(signal: number): bigint;
  lastTime(signal: number): bigint;
  firstReceivedTime(signal: number): bigint;
  lastReceivedTime(signal: number): bigint;
  servicesRun(signal: number): number;
  traceIds(signal: number): number;
  truncate(signal: number, rows: number): void;
  reset(signal: number): void;
  zstdZeros(target: number, bytes: number): number;
  zstdHex(target: number, ids: number, binaryBytes: number): number;
  zstdRun(target: number, column: number, bytes: number): number;
  zstdOffsets(target: number, offsets: number, bytes: number): number;
  zstdTimes(target: number, times: number, bytes: number): number;
  zstdBound(bytes: number): number;
  zstdRunBound(column: number, bytes: number): number;
  traceFilter(target: number, traceIds: number, rows: number): number;
  traceFilterBound(rows: number): number;
}

export class RequestDecoder implements BatchSource {
  readonly memory: WebAssembly.Memory;
  readonly #exports: DecoderExports;
  #bytes: Uint8Array;

  constructor(memory: WebAssembly.Memory, exports: DecoderExports) {
    this.memory = memory;
    this.#exports = exports;
    this.#bytes = new Uint8Array(memory.buffer);
  }

  /** All of the memory. Any call may make it grow; an older view still shows what was there. */
  get bytes(): Uint8Array {
    if (this.#bytes.buffer !== this.memory.buffer) this.#bytes = new Uint8Array(this.memory.buffer);
    return this.#bytes;
  }

  /** The address of memory that is kept for good, a multiple of 64; 0 if it cannot be had. */
  reserve(bytes: number): number {
    return this.#exports.reserve(bytes) >>> 0;
  }

  /** The address of memory until `free`, a multiple of 64; 0 if it cannot be had. */
  allocate(bytes: number): number {
    return this.#exports.allocate(bytes) >>> 0;
  }

  free(address: number): void {
    this.#exports.free(address);
  }

  /**
   * Adds a request's rows. Gives back how many, or a `decodeResult`, and then the columns are as
   * they were. Behind the request must be 16 more bytes of memory, whatever they hold.
   */
  decode(
    signal: Signal,
    address: number,
    bytes: number,
    receivedTime: bigint,
    batchId: bigint,
    heldBytesMax: number,
  ): number {
    const number = signalNumber(signal);
    return this.#exports.decode(number, address, bytes, receivedTime, batchId, heldBytesMax);
  }

  rows(signal: Signal): number {
    return this.#exports.rows(signalNumber(signal)) >>> 0;
  }

  /** What the columns would take when written out, in bytes. */
  heldBytes(signal: Signal): number {
    return Number(BigInt.asUintN(64, this.#exports.heldBytes(signalNumber(signal))));
  }

  /** Of the requests that were taken, those that said something that the columns cannot. */
  irregularRequestCount(): number {
    return this.#exports.irregularRequestCount() >>> 0;
  }

  cut(signal: Signal): number {
    const entries = this.#exports.cut(signalNumber(signal));
    invariant(entries > 0, 'there is memory for the few buffers that are made at a cut');
    return entries;
  }

  cutTable(): number {
    return this.#exports.cutTable() >>> 0;
  }

  materialise(target: number, entry: number): void {
    this.#exports.materialise(target, entry);
  }

  firstTime(signal: Signal): bigint {
    return BigInt.asUintN(64, this.#exports.firstTime(signalNumber(signal)));
  }

  lastTime(signal: Signal): bigint {
    return BigInt.asUintN(64, this.#exports.lastTime(signalNumber(signal)));
  }

  firstReceivedTime(signal: Signal): bigint {
    return BigInt.asUintN(64, this.#exports.firstReceivedTime(signalNumber(signal)));
  }

  lastReceivedTime(signal: Signal): bigint {
    return BigInt.asUintN(64, this.#exports.lastReceivedTime(signalNumber(signal)));
  }

  servicesRun(signal: Signal): number {
    return this.#exports.servicesRun(signalNumber(signal)) >>> 0;
  }

  traceIds(signal: Signal): number {
    return this.#exports.traceIds(signalNumber(signal)) >>> 0;
  }

  /** Keeps the first `rows` rows held and forgets those behind them. */
  truncate(signal: Signal, rows: number): void {
    this.#exports.truncate(signalNumber(signal), rows);
  }

  /** Forgets the rows held; what `cut` has described is gone with them. */
  reset(signal: Signal): void {
    this.#exports.reset(signalNumber(signal));
  }

  zstdZeros(target: number, bytes: number): number {
    return this.#exports.zstdZeros(target, bytes) >>> 0;
  }

  zstdHex(target: number, ids: number, binaryBytes: number): number {
    return this.#exports.zstdHex(target, ids, binaryBytes) >>> 0;
  }

  zstdRun(target: number, column: number, bytes: number): number {
    return this.#exports.zstdRun(target, column, bytes) >>> 0;
  }

  zstdOffsets(target: number, offsets: number, bytes: number): number {
    return this.#exports.zstdOffsets(target, offsets, bytes) >>> 0;
  }

  zstdTimes(target: number, times: number, bytes: number): number {
    return this.#exports.zstdTimes(target, times, bytes) >>> 0;
  }

  zstdBound(bytes: number): number {
    return this.#exports.zstdBound(bytes) >>> 0;
  }

  zstdRunBound(column: number, bytes: number): number {
    return this.#exports.zstdRunBound(column, bytes) >>> 0;
  }

  traceFilter(target: number, traceIds: number, rows: number): number {
    return this.#exports.traceFilter(target, traceIds, rows) >>> 0;
  }

  traceFilterBound(rows: number): number {
    return this.#exports.traceFilterBound(rows) >>> 0;
  }
}

/** The memory that a decoder works in, as its module asks for it: shared, up to 4 GiB. */
export function createDecoderMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: 64, maximum: 65536, shared: true });
}

/** One decoder for one new memory: it takes what the memory starts with for its own. */
export function openRequestDecoder(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): RequestDecoder {
  const instance = new WebAssembly.Instance(module, {
    env: { memory, abort: () => invariant(false, 'the decoder never aborts') },
  });
  const exports = instance.exports as unknown as DecoderExports;
  exports.initialise();
  return new RequestDecoder(memory, exports);
}
