/** The part of the decoder's memory in which bodies are laid out, one batch after the other. */
import { invariant } from '../../shared/invariant.ts';
import type { BatchSource } from './batch-source.ts';

/** The body of 10,000 ordinary spans with zstd is 1 MB. */
const regionBytesMin = 1024 * 1024;
/** Copying stays below twice the body, and unused room below a third of it. */
const growthFactor = 1.5;
/** Unused room is kept for later batches: what lies beyond is not touched, so it costs little. */
const usualFactorMax = 4;
/** How much of the distance to a smaller body `usual` goes with each batch. */
const usualDecay = 1 / 8;

export class BodyRegion {
  readonly #source: Pick<BatchSource, 'memory' | 'allocate' | 'free'>;
  #address = 0;
  #capacityBytes = 0;
  /** Follows the largest bodies of late, up at once and down slowly. */
  #usualBytes = 0;

  constructor(source: Pick<BatchSource, 'memory' | 'allocate' | 'free'>) {
    this.#source = source;
  }

  get capacityBytes(): number {
    return this.#capacityBytes;
  }

  /** Begins another body in the place of the last one, and gives back room beyond what is usual. */
  begin(): void {
    const keptBytesMax = Math.max(regionBytesMin, this.#usualBytes * usualFactorMax);
    if (this.#capacityBytes <= keptBytesMax) return;
    this.#source.free(this.#address);
    this.#capacityBytes = 0;
  }

  /** The address of the region, with room for `moreBytes` behind the first `usedBytes`, kept. */
  reserve(usedBytes: number, moreBytes: number): number {
    const neededBytes = usedBytes + moreBytes;
    if (neededBytes > this.#capacityBytes) this.#grow(usedBytes, neededBytes);
    return this.#address;
  }

  /** Ends the body of `bytes`. */
  end(bytes: number): void {
    const decayed = this.#usualBytes - (this.#usualBytes - bytes) * usualDecay;
    this.#usualBytes = Math.max(bytes, decayed);
  }

  #grow(usedBytes: number, neededBytes: number): void {
    const grownBytes = Math.ceil(this.#capacityBytes * growthFactor);
    const capacityBytes = Math.max(neededBytes, grownBytes, regionBytesMin);
    const address = this.#source.allocate(capacityBytes);
    invariant(address !== 0, 'the memory has room for the body of a batch within its limit');
    const memory = new Uint8Array(this.#source.memory.buffer);
    memory.copyWithin(address, this.#address, this.#address + usedBytes);
    if (this.#capacityBytes > 0) this.#source.free(this.#address);
    this.#address = address;
    this.#capacityBytes = capacityBytes;
  }
}
