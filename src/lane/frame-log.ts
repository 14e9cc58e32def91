/** Appends the accepted frames of one drain to the log of the lane, as one group. */

import { type GroupFrame, WalGroup } from '../disk/wal/wal-group.ts';
import type { WalReach, WalWriter } from '../disk/wal/wal-writer.ts';
import type { Consumer } from '../ring/consumer.ts';

export interface LoggedFrame extends GroupFrame {
  readonly position: number;
}

export interface FrameLogOptions {
  readonly lane: number;
  readonly writer: WalWriter;
  /** Opens a writer over the remaining files of the log, when no frame in them is needed. */
  readonly openAfter: (reach: WalReach) => WalWriter;
  readonly consumer: Consumer;
  /** The memory that holds the frames. */
  readonly memory: { readonly buffer: SharedArrayBuffer };
}

export class FrameLog {
  readonly #options: FrameLogOptions;
  #writer: WalWriter;
  readonly #group: WalGroup;

  constructor(options: FrameLogOptions) {
    this.#options = options;
    this.#writer = options.writer;
    this.#group = new WalGroup(() => options.memory.buffer);
  }

  /**
   * Returns `appended` once the frames are as durable as `durability` promises. Their positions
   * must rise by one. Returns `full`, and writes nothing, if all files of the log are still needed.
   * Throws if the write fails. Then the frames must not be acknowledged, and their positions must
   * never be used again.
   */
  append(frames: readonly LoggedFrame[]): 'appended' | 'full' {
    const { lane, consumer } = this.#options;
    const writer = this.#writer;
    const group = this.#group;
    group.clear();
    for (const frame of frames) group.add(frame);
    const epoch = writer.begin(group.bytes, frames[0]!.position);
    if (epoch === 'full') return 'full';
    for (const { address, position } of frames) {
      consumer.stampFrame(address, { lane, position, epoch });
    }
    writer.append(group.views(), frames[0]!.position, frames.at(-1)!.position);
    writer.sync();
    return 'appended';
  }

  /** Frames below this position are not needed any more. */
  release(neededFrom: number): void {
    this.#writer.release(neededFrom);
  }

  /** Returns the log files that were deleted or moved. Frames appended now may be in no file. */
  missing(): readonly string[] {
    return this.#writer.missing();
  }

  /**
   * Makes the missing files again. No frame in the log may be needed. If it throws, nothing has
   * changed.
   */
  openAnew(): void {
    const lost = this.#writer;
    this.#writer = this.#options.openAfter(lost.reach);
    lost.close();
  }
}
