/**
 * The port for the recorder's log messages. Workers send their messages to the main thread, which
 * writes them.
 */

export type JournalLevel = 'debug' | 'info' | 'warn' | 'error';

/** Facts that accompany the message. A bigint is written as decimal text. */
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

/** Discards everything. For tests, and for commands that print their own messages. */
export const silentJournal: Journal = { write: () => {} };

/** Writes each entry only the first time, for repeated work that would report the same again. */
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
