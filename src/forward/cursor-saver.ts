/** Saves a cursor at most once a second, and again if its file was deleted. */
import type { Clock } from '../shared/clock.ts';
import type { Cursor } from './cursor.ts';

/** After a kill, requests that were answered within this time are sent again. */
const saveIntervalMs = 1_000;

/** The place where a cursor is kept. */
export interface CursorPort {
  /** Must not return before the text is durable. Throws if the disk refuses it. */
  save(text: string): void;
  /** True if a saved cursor is there. */
  exists(): boolean;
}

export interface CursorSaverOptions {
  readonly cursor: Pick<Cursor, 'toText'>;
  readonly file: CursorPort;
  readonly clock: Clock;
  readonly onFault: (reason: string) => void;
}

export class CursorSaver {
  readonly #options: CursorSaverOptions;
  #savedText = '';
  #attemptMs = Number.NEGATIVE_INFINITY;

  constructor(options: CursorSaverOptions) {
    this.#options = options;
  }

  saveIfDue(): void {
    if (this.#options.clock.monotonicMs() - this.#attemptMs >= saveIntervalMs) this.save();
  }

  /** If the disk is full, the previous cursor stays, and a kill then repeats more requests. */
  save(): void {
    const { cursor, file, clock, onFault } = this.#options;
    this.#attemptMs = clock.monotonicMs();
    const text = cursor.toText();
    try {
      if (text === this.#savedText && file.exists()) return;
      file.save(text);
      this.#savedText = text;
    } catch (error) {
      onFault((error as Error).message);
    }
  }
}
