/**
 * Whether the disk takes what a lane writes: while it does not, requests get the retryable refusal.
 */
import type { Clock } from '../shared/clock.ts';

/** How often a disk that failed is tried again, and the free space looked at. */
const lookMs = 1_000;

export interface StorageFaultOptions {
  readonly clock: Clock;
  /** Bytes that may still be written to the file system of the output directory. */
  readonly freeBytes: () => number;
  /** Below this nothing more is accepted; 0 turns the look off. */
  readonly freeBytesMin: number;
  /** Told of each change: the reason, or undefined once all is well again. */
  readonly onChange: (reason: string | undefined) => void;
}

export class StorageFault {
  readonly #options: StorageFaultOptions;
  #writeReason: string | undefined;
  #spaceReason: string | undefined;
  #told: string | undefined;
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

  /** Undefined while all is well. */
  get reason(): string | undefined {
    return this.#writeReason ?? this.#spaceReason;
  }

  /** True if the last write failed and it is time to try again. */
  get isRetryDue(): boolean {
    return this.isWriteFailing && this.#options.clock.monotonicMs() >= this.#nextTryMs;
  }

  get isWriteFailing(): boolean {
    return this.#writeReason !== undefined;
  }

  /** Why the last write failed; too little free space alone fails none. */
  get writeReason(): string | undefined {
    return this.#writeReason;
  }

  /**
   * Looks at the free space, at most once a second. Too little is a reason at the second look in a
   * row: until then retention may have made room.
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
      // The output directory may be gone: then it is made again by what writes there next.
      if (!isStorageError(error)) throw error;
      this.#spaceReason = error.code === 'ENOENT' ? undefined : error.message;
    }
    this.#tell();
  }

  /**
   * Does something that writes; false when the disk refused it. What is no error of the disk is a
   * defect, and goes on as it came.
   */
  attempt(write: () => void): boolean {
    try {
      write();
      return this.#passed();
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** The same for what takes its time. */
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
    this.#tell();
    return true;
  }

  #failed(error: unknown): false {
    if (!isStorageError(error)) throw error;
    this.#writeReason = error.message;
    this.#nextTryMs = this.#options.clock.monotonicMs() + lookMs;
    this.#tell();
    return false;
  }

  #tell(): void {
    if (this.reason === this.#told) return;
    this.#told = this.reason;
    this.#options.onChange(this.reason);
  }
}

/** The system's errors have names such as ENOSPC and EIO; Node's own begin with ERR_. */
function isStorageError(error: unknown): error is NodeJS.ErrnoException {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return typeof error.code === 'string' && /^E[A-Z0-9]+$/.test(error.code);
}
