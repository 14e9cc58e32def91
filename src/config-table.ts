/** The table of all settings, as the README shows it. */
import { flagName, settingKeys, settings } from './config.ts';

/** Markdown, one row for each setting; the environment name follows from the flag. */
export function settingsTable(): string {
  const rows = settingKeys.map((key) => {
    const { default: byDefault, meaning } = settings[key];
    return `| \`${flagName(key)}\` | ${byDefault === '' ? '(none)' : byDefault} | ${meaning} |`;
  });
  return ['| flag | default | meaning |', '|---|---|---|', ...rows].join('\n');
}
