/** The lane's side of its log: the accepted frames of a drain go in as one group. */

import { type GroupFrame, WalGroup } from '../disk/wal/wal-group.ts';
import type { WalReach, WalWriter } from '../disk/wal/wal-writer.ts';
import type { Consumer } from '../ring/consumer.ts';

export interface LoggedFrame extends GroupFrame {
  readonly position: number;
}

export interface FrameLogOptions {
  readonly lane: number;
  readonly writer: WalWriter;
  /** A writer over what is left of the log's files, of which nothing is needed. */
  readonly openAfter: (reach: WalReach) => WalWriter;
  readonly consumer: Consumer;
  /** The memory in which the frames lie. */
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
   * Returns when the frames, whose positions rise by one, are what `durability` promises. `full`
   * when all files of the log are still needed: then nothing was written. Throws when the write
   * failed: then the frames are not to be acknowledged, and their positions not to be used again.
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

  /** From now on nothing below the position is needed. */
  release(neededFrom: number): void {
    this.#writer.release(neededFrom);
  }

  /** Files of the log that somebody has deleted or moved: what is appended may be in none. */
  missing(): readonly string[] {
    return this.#writer.missing();
  }

  /** Makes the missing files again. Nothing in the log may be needed; when it throws, all stays. */
  openAnew(): void {
    const lost = this.#writer;
    this.#writer = this.#options.openAfter(lost.reach);
    lost.close();
  }
}
