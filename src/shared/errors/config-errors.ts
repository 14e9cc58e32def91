/** Errors of the configuration. The reader of the settings composes their sentences. */
import type { ErrorEntries } from './error-entry.ts';

export const configErrors = {
  ERR_ARCHER_CONFIG_FILE_UNREADABLE: {
    sentence: '{problem}',
    remedy: '',
    retry: false,
    explanation: `The configuration file does not exist, cannot be read, is larger than 64 KiB, or
is not UTF-8. A running recorder also reports that the file \`is empty\` if it was not empty
before: most likely an editor is writing it. To go back to the defaults, restart the recorder, or
write \`{}\` into the file.`,
  },
  ERR_ARCHER_CONFIG_FILE_INVALID: {
    sentence: '{problem}',
    remedy: '',
    retry: false,
    explanation: `The text is not valid YAML from the named line and column on, or the file is not
written as sections. A section has its settings on deeper lines: \`batch:\` and below it
\`max_rows: 5\`, never \`batch.max_rows: 5\` on one line.`,
  },
  ERR_ARCHER_SETTING_UNKNOWN: {
    sentence: '{problem}',
    remedy: '',
    retry: false,
    explanation: `The name of a setting or flag is mistyped or stands in the wrong section. The
message proposes the nearest name, if one is near. \`archer record --help\` lists the flags; the
keys of the file have the same words.`,
  },
  ERR_ARCHER_SETTING_INVALID: {
    sentence: '{problem}',
    remedy: '',
    retry: false,
    explanation: `The value has the wrong kind or is out of bounds: \`must be a whole number\`,
\`must be bytes or take KiB, MiB, GiB, KB, MB or GB\`, \`needs a unit: ms, s, m, h or d\`, \`must
be at least\`, \`must be at most\` and the like. A cron expression has five fields, or six with
the seconds first, such as \`0 * * * *\` for every hour; words such as \`@daily\` are not
accepted.`,
  },
  ERR_ARCHER_REFERENCE_UNRESOLVED: {
    sentence: '{problem}',
    remedy: '',
    retry: false,
    explanation: `\`\${env:NAME}\` names a variable that is not set, or \`\${file:PATH}\` names a
file that cannot be read. A relative path starts at the working directory.`,
  },
  ERR_ARCHER_SETTINGS_CONTRADICT: {
    sentence: '{problem}',
    remedy: '',
    retry: false,
    explanation: `Each of the named settings is valid, but they cannot hold together, such as two
listeners on one port. Change one of them.`,
  },
} as const satisfies ErrorEntries;
