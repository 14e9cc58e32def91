/** The frames of one drain, as ranges of the memory in which they lie: what one append writes. */
import { frameBytes, frameHeaderBytes } from '../../shared/frame.ts';
import { invariant } from '../../shared/invariant.ts';

/** Where a frame lies; the body behind its header, or elsewhere, padded in the same way. */
export interface GroupFrame {
  readonly address: number;
  readonly bodyAddress: number;
  readonly bodyBytes: number;
}

/** Made once for each lane; from group to group it keeps the memory of its list. */
export class WalGroup {
  readonly #memory: () => ArrayBufferLike;
  /** Pairs of start and end; neighbours are one range. */
  readonly #ranges: number[] = [];
  #bytes = 0;
  #frameCount = 0;

  /** The memory is asked for at each `views`, since one that grew is another object. */
  constructor(memory: () => ArrayBufferLike) {
    this.#memory = memory;
  }

  /** What the group takes of a log. */
  get bytes(): number {
    return this.#bytes;
  }

  get frameCount(): number {
    return this.#frameCount;
  }

  /**
   * Takes an accepted frame up, in the order of positions; it must stay where it is until `clear`.
   */
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

  /** The group's bytes where they lie, in order. */
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
