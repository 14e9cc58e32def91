/** Decides which changes of a configuration a running recorder applies, without applying them. */
import { isDeepStrictEqual } from 'node:util';
import type { Problem } from '../shared/errors.ts';
import type { EffectiveConfig } from './config.ts';
import { findContradictions } from './contradictions.ts';
import { type Config, isReloadable, type SettingKey, settingKeys } from './settings.ts';

/** Values and their sources. */
export type SourcedConfig = Pick<EffectiveConfig, 'config' | 'given'>;

export type ReloadPlan =
  | {
      readonly action: 'apply';
      /** The configuration after the reload: the running one with the applied changes. */
      readonly next: SourcedConfig;
      readonly applied: readonly SettingKey[];
      /** Settings that have changed and need a restart. */
      readonly restart: readonly SettingKey[];
    }
  | { readonly action: 'refuse'; readonly problems: readonly Problem[] };

/**
 * Settings that need a restart keep their running values. The reload is refused if a changed
 * setting contradicts one of these.
 */
export function planReload(running: SourcedConfig, loaded: SourcedConfig): ReloadPlan {
  const changed = settingKeys.filter((key) => {
    return !isDeepStrictEqual(running.config[key], loaded.config[key]);
  });
  const applied = changed.filter(isReloadable);
  const restart = changed.filter((key) => !isReloadable(key));
  const next = {
    config: { ...running.config, ...pick<Config>(loaded.config, applied) },
    given: { ...running.given, ...pick<SourcedConfig['given']>(loaded.given, applied) },
  };
  const contradictions = findContradictions(next.config, next.given);
  if (contradictions.length === 0) return { action: 'apply', next, applied, restart };
  const unless = restart.length === 0 ? '' : ` (${restart.join(', ')} needs a restart)`;
  const problems = contradictions.map(({ code, message }) => {
    return { code, message: `${message}${unless}` };
  });
  return { action: 'refuse', problems };
}

function pick<Values extends object>(values: Values, keys: readonly (keyof Values)[]) {
  return Object.fromEntries(keys.map((key) => [key, values[key]])) as Partial<Values>;
}
