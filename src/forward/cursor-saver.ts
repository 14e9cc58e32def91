/** Makes a cursor durable: at most once a second, and again where its file was taken away. */
import type { Clock } from '../shared/clock.ts';
import type { Cursor } from './cursor.ts';

/** A kill repeats what was answered since. */
const saveMs = 1_000;

/** Where a cursor is kept. */
export interface CursorPort {
  /** Durable when it returns. */
  save(text: string): void;
  isThere(): boolean;
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
  #triedMs = Number.NEGATIVE_INFINITY;

  constructor(options: CursorSaverOptions) {
    this.#options = options;
  }

  saveIfDue(): void {
    if (this.#options.clock.monotonicMs() - this.#triedMs >= saveMs) this.save();
  }

  /** A disk that is full keeps the cursor of before: then more is repeated after a kill. */
  save(): void {
    const { cursor, file, clock, onFault } = this.#options;
    this.#triedMs = clock.monotonicMs();
    const text = cursor.toText();
    try {
      if (text === this.#savedText && file.isThere()) return;
      file.save(text);
      this.#savedText = text;
    } catch (error) {
      onFault((error as Error).message);
    }
  }
}
