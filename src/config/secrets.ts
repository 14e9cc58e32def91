/** Decides which values are secrets. */
import { type Path, pathText } from './given.ts';
import { type SettingKey, settings } from './settings.ts';

/** Shown in place of a secret. */
export const hidden = '***';

/** The secrets of a destination. Headers are among them, because they often hold API keys. */
const secretsOfDestination = /^\[\d+\]\.(headers\.|auth\.(password|token|value)$)/;

/** A password in a URL. Such a URL is refused, and the problem must not repeat the password. */
const credentialsInUrl = /\/\/[^/]*@/;

/** True if the part of the setting's value at the path must be hidden. */
export function isSecret(key: SettingKey, path: Path, value: unknown): boolean {
  if (settings[key].isSecret) return true;
  if (typeof value === 'string' && credentialsInUrl.test(value)) return true;
  return key === 'forwarding' && secretsOfDestination.test(pathText(path));
}
