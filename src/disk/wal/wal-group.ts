/** The frames of one drain as ranges of memory. One append writes them. */
import { frameBytes, frameHeaderBytes } from '../../shared/frame.ts';
import { invariant } from '../../shared/invariant.ts';

/** Addresses of a frame. Its padded body follows the header or lies elsewhere. */
export interface GroupFrame {
  readonly address: number;
  readonly bodyAddress: number;
  readonly bodyBytes: number;
}

/** One object per lane. It keeps the memory of its list from group to group. */
export class WalGroup {
  readonly #memory: () => ArrayBufferLike;
  /** Pairs of start and end. Adjacent frames share one range. */
  readonly #ranges: number[] = [];
  #bytes = 0;
  #frameCount = 0;

  /** Each `views` call asks for the memory, because memory that has grown is a new object. */
  constructor(memory: () => ArrayBufferLike) {
    this.#memory = memory;
  }

  /** Number of bytes that the group takes in a log. */
  get bytes(): number {
    return this.#bytes;
  }

  get frameCount(): number {
    return this.#frameCount;
  }

  /** Adds an accepted frame, in the order of positions. Its bytes must stay until `clear`. */
  add({ address, bodyAddress, bodyBytes }: GroupFrame): void {
    const wholeBytes = frameBytes(bodyBytes);
    if (bodyAddress === address + frameHeaderBytes) {
      this.#addRange(address, wholeBytes);
    } else {
      this.#addRange(address, frameHeaderBytes);
      this.#addRange(bodyAddress, wholeBytes - frameHeaderBytes);
    }
    this.#bytes += wholeBytes;
    this.#frameCount += 1;
  }

  /** Views of the group's bytes, in order and without a copy. */
  views(): Uint8Array[] {
    const memory = this.#memory();
    const views: Uint8Array[] = [];
    for (let index = 0; index < this.#ranges.length; index += 2) {
      const start = this.#ranges[index]!;
      views.push(new Uint8Array(memory, start, this.#ranges[index + 1]! - start));
    }
    return views;
  }

  clear(): void {
    this.#ranges.length = 0;
    this.#bytes = 0;
    this.#frameCount = 0;
  }

  #addRange(start: number, bytes: number): void {
    invariant(start >= 0 && bytes >= 0, 'a range lies in memory');
    if (bytes === 0) return;
    const last = this.#ranges.length - 1;
    if (last > 0 && this.#ranges[last] === start) this.#ranges[last] = start + bytes;
    else this.#ranges.push(start, start + bytes);
  }
}
