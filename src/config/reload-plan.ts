/** Decides what a running recorder takes up of a changed configuration; does nothing itself. */
import { isDeepStrictEqual } from 'node:util';
import { findContradictions } from './contradictions.ts';
import { type Config, isReloadable, type SettingKey, settingKeys } from './settings.ts';

export type ReloadPlan =
  | {
      readonly action: 'take';
      /** What runs from now on: the running one with what was taken up. */
      readonly config: Config;
      readonly taken: readonly SettingKey[];
      /** Changed, and to be had by a restart only. */
      readonly restart: readonly SettingKey[];
    }
  | { readonly action: 'refuse'; readonly problems: readonly string[] };

/** What needs a restart stays as it runs, and has to go together with what is taken up. */
export function planReload(running: Config, next: Config): ReloadPlan {
  const changed = settingKeys.filter((key) => !isDeepStrictEqual(running[key], next[key]));
  const taken = changed.filter(isReloadable);
  const restart = changed.filter((key) => !isReloadable(key));
  const config = { ...running, ...Object.fromEntries(taken.map((key) => [key, next[key]])) };
  const contradictions = findContradictions(config);
  if (contradictions.length === 0) return { action: 'take', config, taken, restart };
  const unless = restart.length === 0 ? '' : ` (${restart.join(', ')} needs a restart)`;
  return { action: 'refuse', problems: contradictions.map((found) => `${found}${unless}`) };
}
