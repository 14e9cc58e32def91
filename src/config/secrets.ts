/** Knows which values are secrets, and hides them. */
import { type Path, pathText } from './given.ts';
import { type SettingKey, settings } from './settings.ts';

/** What is shown in the place of a secret. */
export const hidden = '***';

/** Of a destination: headers carry keys as often as not. */
const secretsOfDestination = /^\[\d+\]\.(headers\.|auth\.(password|token|value)$)/;

/** A password in a URL, which is none that is taken, but is given all the same. */
const credentialsInUrl = /\/\/[^/]*@/;

/** Whether the part of the setting's value at the path is to be hidden. */
export function isSecret(key: SettingKey, path: Path, value: unknown): boolean {
  if (settings[key].isSecret) return true;
  if (typeof value === 'string' && credentialsInUrl.test(value)) return true;
  return key === 'forwarding' && secretsOfDestination.test(pathText(path));
}
