/** The part of the decoder's memory that holds the body of the current batch. */
import { invariant } from '../../shared/invariant.ts';
import type { BatchSource } from './batch-source.ts';

/** The body of 10,000 ordinary spans with zstd is 1 MB. */
const regionBytesMin = 1024 * 1024;
/**
 * With this factor, growing copies less than twice the body, and unused room is less than a third
 * of it.
 */
const growthFactor = 1.5;
/**
 * Unused room up to this factor is kept for later batches. Its pages are not touched, so it costs
 * little.
 */
const usualFactorMax = 4;
/** The part of the distance to a smaller body by which `usual` falls with each batch. */
const usualDecay = 1 / 8;

export class BodyRegion {
  readonly #source: Pick<BatchSource, 'memory' | 'allocate' | 'free'>;
  #address = 0;
  #capacityBytes = 0;
  /** Follows the largest recent bodies: it rises at once and falls slowly. */
  #usualBytes = 0;

  constructor(source: Pick<BatchSource, 'memory' | 'allocate' | 'free'>) {
    this.#source = source;
  }

  get capacityBytes(): number {
    return this.#capacityBytes;
  }

  /** Begins a new body, which overwrites the last one, and frees room beyond what is usual. */
  begin(): void {
    const keptBytesMax = Math.max(regionBytesMin, this.#usualBytes * usualFactorMax);
    if (this.#capacityBytes <= keptBytesMax) return;
    this.#source.free(this.#address);
    this.#capacityBytes = 0;
  }

  /**
   * Returns the address of the region, with room for `moreBytes` behind the first `usedBytes`,
   * which are kept. The region may move.
   */
  reserve(usedBytes: number, moreBytes: number): number {
    const neededBytes = usedBytes + moreBytes;
    if (neededBytes > this.#capacityBytes) this.#grow(usedBytes, neededBytes);
    return this.#address;
  }

  /** Ends the body, which has `bytes` bytes. */
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
