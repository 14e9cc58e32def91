/**
 * Knows whether the disk takes what a lane writes. While it does not, requests get the retryable
 * refusal.
 */
import type { Clock } from '../shared/clock.ts';

/** Time between two attempts to write after a failure, and between two checks of free space. */
const lookMs = 1_000;

export interface StorageFaultOptions {
  readonly clock: Clock;
  /** Returns the bytes that may still be written to the file system of the output directory. */
  readonly freeBytes: () => number;
  /** With less free space, requests are refused. 0 turns this check off. */
  readonly freeBytesMin: number;
  /** Called at each change with the reason, or with undefined when the disk works again. */
  readonly onChange: (reason: string | undefined) => void;
}

export class StorageFault {
  readonly #options: StorageFaultOptions;
  #writeReason: string | undefined;
  #spaceReason: string | undefined;
  #reported: string | undefined;
  #wasLow = false;
  #nextLookMs = 0;
  #nextTryMs = 0;
  #freeBytesMin: number;

  constructor(options: StorageFaultOptions) {
    this.#options = options;
    this.#freeBytesMin = options.freeBytesMin;
  }

  /** Takes up a changed configuration. */
  setFreeBytesMin(bytes: number): void {
    this.#freeBytesMin = bytes;
    this.#nextLookMs = 0;
  }

  /** Returns why requests are refused; undefined if they are accepted. */
  get reason(): string | undefined {
    return this.#writeReason ?? this.#spaceReason;
  }

  /** True if the last write failed, and it is time to try again. */
  get isRetryDue(): boolean {
    return this.isWriteFailing && this.#options.clock.monotonicMs() >= this.#nextTryMs;
  }

  get isWriteFailing(): boolean {
    return this.#writeReason !== undefined;
  }

  /** Returns why the last write failed. Too little free space alone does not fail a write. */
  get writeReason(): string | undefined {
    return this.#writeReason;
  }

  /**
   * Checks the free space, at most once a second. Too little free space is a reason only at the
   * second check in a row, because retention may have made room by then.
   */
  look(): void {
    const { clock, freeBytes } = this.#options;
    const freeBytesMin = this.#freeBytesMin;
    if (clock.monotonicMs() < this.#nextLookMs) return;
    this.#nextLookMs = clock.monotonicMs() + lookMs;
    try {
      const free = freeBytesMin === 0 ? 0 : freeBytes();
      const isLow = free < freeBytesMin;
      const reason = `${free} bytes are free, less than retention.min_free_bytes (${freeBytesMin})`;
      this.#spaceReason = isLow && this.#wasLow ? reason : undefined;
      this.#wasLow = isLow;
    } catch (error) {
      // The output directory may be gone. The next write makes it again.
      if (!isStorageError(error)) throw error;
      this.#spaceReason = error.code === 'ENOENT' ? undefined : error.message;
    }
    this.#report();
  }

  /**
   * Runs something that writes. Returns false if the disk refused it. An error that does not come
   * from the disk is a defect and is thrown again.
   */
  attempt(write: () => void): boolean {
    try {
      write();
      return this.#passed();
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** The same for a write that takes many steps. */
  async attemptLong(write: () => Promise<void>): Promise<boolean> {
    try {
      await write();
      return this.#passed();
    } catch (error) {
      return this.#failed(error);
    }
  }

  #passed(): true {
    this.#writeReason = undefined;
    this.#report();
    return true;
  }

  #failed(error: unknown): false {
    if (!isStorageError(error)) throw error;
    this.#writeReason = error.message;
    this.#nextTryMs = this.#options.clock.monotonicMs() + lookMs;
    this.#report();
    return false;
  }

  #report(): void {
    if (this.reason === this.#reported) return;
    this.#reported = this.reason;
    this.#options.onChange(this.reason);
  }
}

/** The system's errors have names such as ENOSPC and EIO; Node's own begin with ERR_. */
function isStorageError(error: unknown): error is NodeJS.ErrnoException {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return typeof error.code === 'string' && /^E[A-Z0-9]+$/.test(error.code);
}
