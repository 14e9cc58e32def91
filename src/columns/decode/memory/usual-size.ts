/**
 * Estimates how much memory is usually needed, so that memory which only a burst has needed is
 * freed.
 */

@final
export class UsualSize {
  private smallest: u32;
  /** A moving mean of what was needed; each batch weighs as much as all batches before it. */
  private usual: u32 = 0;

  constructor(smallest: u32) {
    this.smallest = smallest;
  }

  /** Returns the initial capacity. */
  get atStart(): u32 {
    return this.smallest;
  }

  /**
   * Returns the capacity for the next batch, after a batch that needed `used`. It is smaller than
   * `capacity` if that is far too much.
   */
  capacityAfter(used: u32, capacity: u32): u32 {
    this.usual = (this.usual >>> 1) + (used >>> 1);
    const enough = max(this.usual << 1, this.smallest);
    return capacity >>> 1 > enough ? enough : capacity;
  }
}
