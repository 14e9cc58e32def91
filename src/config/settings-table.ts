/** The table of all settings, as the README shows it. */
import { settingKeys, settings } from './settings.ts';

/** Returns Markdown with one row for each setting. */
export function settingsTable(): string {
  const rows = settingKeys.map((key) => {
    const { default: byDefault, meaning } = settings[key];
    return `| \`${key}\` | ${defaultText(byDefault)} | ${meaning} |`;
  });
  return ['| key | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

/** Formats a default for people: `(none)` for an empty text and `[]` for an empty list. */
export function defaultText(byDefault: string | readonly string[]): string {
  if (typeof byDefault !== 'string') return '[]';
  return byDefault === '' ? '(none)' : byDefault;
}
