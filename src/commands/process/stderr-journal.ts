/** The journal on standard error: JSON lines, or coloured lines on a terminal. */
import pino from 'pino';
import pretty from 'pino-pretty';
import type { Journal, JournalLevel } from '../../shared/journal.ts';

/** A line for each message, in local time. */
const prettyOptions = {
  ...{ destination: 2, sync: true },
  ...{ translateTime: 'SYS:HH:MM:ss.l', singleLine: true },
} as const;

export interface StderrJournal extends Journal {
  /** From now on what is below the level is not written. */
  setLevel(level: JournalLevel): void;
}

export function openStderrJournal(level: JournalLevel): StderrJournal {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  const logger = process.stderr.isTTY
    ? pino(options, pretty(prettyOptions))
    : pino(options, pino.destination({ dest: 2, sync: true }));
  return {
    write: (entryLevel, message, fields = {}) => logger[entryLevel](plain(fields), message),
    setLevel: (next) => {
      logger.level = next;
    },
  };
}

/** JSON has no bigint: decimal text keeps every digit. */
function plain(fields: object): object {
  const entries = Object.entries(fields).map(([name, value]) => {
    return [name, typeof value === 'bigint' ? value.toString() : value];
  });
  return Object.fromEntries(entries);
}
