/** Writes the journal to standard error: JSON lines, or coloured text on a terminal. */
import pino from 'pino';
import pretty from 'pino-pretty';
import type { Journal, JournalLevel } from '../../shared/journal.ts';

/** On a terminal each message takes one line and shows local time. */
const prettyOptions = {
  ...{ destination: 2, sync: true },
  ...{ translateTime: 'SYS:HH:MM:ss.l', singleLine: true },
} as const;

export interface StderrJournal extends Journal {
  /** Sets the lowest level that is written. */
  setLevel(level: JournalLevel): void;
}

export function openStderrJournal(level: JournalLevel): StderrJournal {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    // By default pino writes a number such as 30. A name is clear to people and to log tools.
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const logger = process.stderr.isTTY
    ? pino(options, pretty(prettyOptions))
    : pino(options, pino.destination({ dest: 2, sync: true }));
  return {
    write: (entryLevel, message, fields = {}) =>
      logger[entryLevel](withoutBigints(fields), message),
    setLevel: (next) => {
      logger.level = next;
    },
  };
}

/** Returns the fields with each bigint as decimal text, because JSON has no bigint. */
function withoutBigints(fields: object): object {
  const entries = Object.entries(fields).map(([name, value]) => {
    return [name, typeof value === 'bigint' ? value.toString() : value];
  });
  return Object.fromEntries(entries);
}
