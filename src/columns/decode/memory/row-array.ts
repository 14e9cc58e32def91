/** An array with a fixed number of bytes for each row; its table decides how many rows it holds. */
import { slackBytes } from './byte-buffer.ts';
import { allocate, free } from './heap.ts';

@final
export class RowArray {
  address: usize = 0;
  private widthBytes: u32;

  constructor(widthBytes: u32) {
    this.widthBytes = widthBytes;
  }

  /**
   * Makes room for `capacity` values and keeps the first `kept` values. Returns false if there is
   * no memory.
   */
  setCapacity(capacity: u32, kept: u32): bool {
    const bytes = <u64>capacity * this.widthBytes + slackBytes;
    const address = bytes <= u32.MAX_VALUE ? allocate(<u32>bytes) : 0;
    if (address === 0) return false;
    memory.copy(address, this.address, kept * this.widthBytes);
    free(this.address);
    this.address = address;
    return true;
  }
}
