/** The decoder's module with memory for test data, for its exports other than columns. */
import { readFileSync } from 'node:fs';

/** Described in src/columns/arrow/batch-source.ts. */
export interface FrameExports {
  zstdBound(bytes: number): number;
  zstdZeros(target: number, bytes: number): number;
  zstdHex(target: number, ids: number, binaryBytes: number): number;
  zstdRun(target: number, column: number, bytes: number): number;
  zstdRunBound(column: number, bytes: number): number;
  zstdOffsets(target: number, offsets: number, bytes: number): number;
  zstdTimes(target: number, times: number, bytes: number): number;
  traceFilter(target: number, traceIds: number, rows: number): number;
  traceFilterBound(rows: number): number;
}

const pageBytes = 65536;
const wasm = new URL('../../../../src/columns/decode/decoder.wasm', import.meta.url);

export class FrameModule {
  readonly exports: FrameExports;
  readonly #memory: WebAssembly.Memory;
  readonly #end: number;
  #free: number;

  /** Pages that are added here are not touched by the module's own heap. */
  constructor(bytes: number) {
    this.#memory = new WebAssembly.Memory({ initial: 64, maximum: 65536, shared: true });
    const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(wasm)), {
      env: { memory: this.#memory },
    });
    this.exports = instance.exports as unknown as FrameExports;
    const pages = Math.ceil(bytes / pageBytes);
    this.#free = this.grow(pages);
    this.#end = this.#free + pages * pageBytes;
  }

  get memory(): Uint8Array {
    return new Uint8Array(this.#memory.buffer);
  }

  /** Returns the address of `bytes` bytes, a multiple of 8, valid until the end of `scoped`. */
  place(bytes: number): number {
    const address = this.#free;
    this.#free += Math.ceil(bytes / 8) * 8 + 8;
    if (this.#free > this.#end) throw new Error('the test needs more memory');
    return address;
  }

  /** Adds pages. Returns their address. */
  grow(pages: number): number {
    return this.#memory.grow(pages) * pageBytes;
  }

  put(bytes: Uint8Array): number {
    const address = this.place(bytes.byteLength);
    this.memory.set(bytes, address);
    return address;
  }

  putWords(words: readonly number[]): number {
    return this.put(new Uint8Array(Uint32Array.from(words).buffer));
  }

  /** Runs a part of a test and frees what it placed. */
  scoped<T>(part: () => T): T {
    const before = this.#free;
    try {
      return part();
    } finally {
      this.#free = before;
    }
  }
}

const canary = 0xa5;

/**
 * Returns what a writer wrote. The writer gets a target with room for `bound` bytes and canaries
 * around it, and returns how many bytes it wrote.
 */
export function written(
  module: FrameModule,
  bound: number,
  write: (target: number) => number,
): Uint8Array {
  return module.scoped(() => {
    const target = module.place(bound + 128) + 64;
    const { memory } = module;
    memory.fill(canary, target - 64, target + bound + 64);
    const bytes = write(target);
    const around = [
      memory.subarray(target - 64, target),
      memory.subarray(target + bound).subarray(0, 64),
    ];
    if (bytes > bound) throw new Error(`${bytes} bytes written, ${bound} allowed`);
    if (!around.every((part) => part.every((byte) => byte === canary))) {
      throw new Error('bytes outside the bound were written');
    }
    return memory.slice(target, target + bytes);
  });
}
