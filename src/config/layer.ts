/** The settings that one source gives. */
import type { Given } from './given.ts';
import { type SettingKey, settingKeys } from './settings.ts';

export type Layer = ReadonlyMap<SettingKey, Given>;

export interface LayerNames {
  readonly source: string;
  readonly place: string;
}

/** Makes a layer of values without references; a value that is undefined is left out. */
export function toLayer(
  values: Readonly<Partial<Record<SettingKey, unknown>>>,
  namesOf: (key: SettingKey) => LayerNames,
): Map<SettingKey, Given> {
  const layer = new Map<SettingKey, Given>();
  for (const key of settingKeys) {
    const value = values[key];
    if (value === undefined) continue;
    const { source, place } = namesOf(key);
    layer.set(key, { value, source, origin: source, hasReferences: false, place: () => place });
  }
  return layer;
}
