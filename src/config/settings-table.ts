/** The table of all settings, as the README shows it. */
import { settingKeys, settings } from './settings.ts';

/** Markdown, one row for each setting; the names of flag and variable follow from the key. */
export function settingsTable(): string {
  const rows = settingKeys.map((key) => {
    const { default: byDefault, meaning } = settings[key];
    return `| \`${key}\` | ${defaultText(byDefault)} | ${meaning} |`;
  });
  return ['| key | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

/** A default for people: `(none)` and `[]` for what is empty. */
export function defaultText(byDefault: string | readonly string[]): string {
  if (typeof byDefault !== 'string') return '[]';
  return byDefault === '' ? '(none)' : byDefault;
}
