/** How much is usually needed, so that memory which only a burst has needed is given back. */

@final
export class UsualSize {
  private smallest: u32;
  /** The mean of what was needed, in which each batch weighs as much as all before it. */
  private usual: u32 = 0;

  constructor(smallest: u32) {
    this.smallest = smallest;
  }

  /** The capacity to start with. */
  get atStart(): u32 {
    return this.smallest;
  }

  /** The capacity to go on with after a batch that needed `used`: less, if it is far too much. */
  capacityAfter(used: u32, capacity: u32): u32 {
    this.usual = (this.usual >>> 1) + (used >>> 1);
    const enough = max(this.usual << 1, this.smallest);
    return capacity >>> 1 > enough ? enough : capacity;
  }
}
