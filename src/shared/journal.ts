/**
 * The port for the recorder's own messages: the main thread writes them, workers send them there.
 */

export type JournalLevel = 'debug' | 'info' | 'warn' | 'error';

/** Facts beside the sentence; bigint is written as decimal text. */
export type JournalFields = Readonly<Record<string, string | number | boolean | bigint | null>>;

export interface JournalEntry {
  readonly level: JournalLevel;
  readonly message: string;
  readonly fields: JournalFields;
}

export interface Journal {
  /** Never throws and never waits. */
  write(level: JournalLevel, message: string, fields?: JournalFields): void;
}

/** Forgets everything; for tests and commands that speak for themselves. */
export const silentJournal: Journal = { write: () => {} };

/** Writes each entry the first time only; for work that is repeated and reports the same again. */
export function onceJournal({ write }: Journal): Journal {
  const written = new Set<string>();
  return {
    write: (level, message, fields = {}) => {
      const line = [message, ...Object.values(fields)].join();
      if (!written.has(line)) write(level, message, fields);
      written.add(line);
    },
  };
}
