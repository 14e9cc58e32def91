/** Opens the decoder's WebAssembly module and types what it exports (decode/index.ts). */
import { invariant } from '../shared/invariant.ts';
import type { BatchSource } from './arrow/batch-source.ts';

/** What `decode` returns instead of a count of rows if it refuses the request. */
export const decodeResult = { malformed: -1, tooDeep: -2, tooLarge: -3 } as const;

/**
 * The exports of the module, called directly: requests go in, batches of columns come out. A
 * decoder belongs to one thread. Each call ends before it returns; none throws.
 *
 * An address is a byte offset within `memory`, from 0 to 2^32 - 1. A `signal` is the number of a
 * signal (`signalNumber` of shared/signal.ts). The columns of the signals are independent.
 */
export interface RequestDecoder extends BatchSource {
  readonly memory: WebAssembly.Memory;
  /**
   * A view of the whole memory. Any call may make the memory grow; a view that was taken before
   * still shows the bytes that it covers, but not the new ones.
   */
  readonly bytes: Uint8Array;

  /**
   * Returns the address of `bytes` bytes that are never given back, a multiple of 64; 0 if the
   * memory has no room. Requests may be decoded from there: the slack behind them is included.
   */
  reserve(bytes: number): number;

  /**
   * Decodes one Export…ServiceRequest and appends its rows to the signal's columns. Returns the
   * count of rows, or one of `decodeResult`; then the columns are as they were before.
   *
   * The request lies at `address` and stays the caller's; it may be overwritten after the call.
   * At least 16 bytes of memory with any content must follow it, because text is loaded 16 bytes
   * at a time. `receivedTime` is in Unix nanoseconds. If the signal's columns would hold more than
   * `heldBytesMax` bytes afterwards, the request is too large.
   */
  decode(
    signal: number,
    address: number,
    bytes: number,
    receivedTime: bigint,
    batchId: bigint,
    heldBytesMax: number,
  ): number;

  /** Returns how many bytes the signal's columns would take as uncompressed Arrow buffers. */
  heldBytes(signal: number): number;
  /**
   * Returns how many of the requests that were decoded, of all signals, hold something that only
   * the column `otlp_extra` can keep.
   */
  irregularRequestCount(): number;

  /**
   * Returns which known field had another wire type than its own, if that was why the last `decode`
   * returned `malformed`; else 0. shared/misplaced-field.ts turns the number into a name.
   */
  misplacedField(): number;
  /**
   * Sets how `decode` treats known fields with another wire type than their own: as malformed (the
   * default), or like unknown fields, which `otlp_extra` keeps. Requests in a log need the latter,
   * because an earlier version may have accepted them.
   */
  tolerateMisplacedFields(tolerates: boolean): void;
  /**
   * Returns how many ids of accepted requests, of all signals, were hex text (32 or 16 digits)
   * instead of 16 or 8 binary bytes. They are kept as they were sent.
   */
  hexTextIdCount(): number;

  /** Keeps the first `rows` rows of the signal and removes the rows behind them. */
  truncate(signal: number, rows: number): void;
  /** Removes all rows of the signal. The cut table and what its entries describe become invalid. */
  reset(signal: number): void;
}

type DecoderFunctions = Omit<RequestDecoder, 'memory' | 'bytes'>;

/** Returns a new memory as the module requires it: shared, 4 MiB that can grow up to 4 GiB. */
export function createDecoderMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: 64, maximum: 65536, shared: true });
}

/**
 * Returns a decoder that works in `memory`. The memory must be new: the decoder takes the pages
 * that it starts with.
 */
export function openRequestDecoder(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): RequestDecoder {
  const instance = new WebAssembly.Instance(module, {
    env: { memory, abort: () => invariant(false, 'the decoder never aborts') },
  });
  const { initialise, ...functions } = instance.exports as unknown as DecoderFunctions & {
    initialise(): void;
  };
  initialise();
  let bytes = new Uint8Array(memory.buffer);
  return {
    ...functions,
    memory,
    get bytes() {
      if (bytes.buffer !== memory.buffer) bytes = new Uint8Array(memory.buffer);
      return bytes;
    },
  };
}
