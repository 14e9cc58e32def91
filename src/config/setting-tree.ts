/** The sections of the configuration file, as one zod schema made from the keys of the settings. */
import { z } from 'zod';
import { type SettingKey, settingKeys } from './settings.ts';

type Branch = Map<string, Branch | z.ZodType>;

/**
 * Returns a schema with a strict object for each section. `leafOf` gives the schema of a setting.
 * Settings and sections are optional; `areSectionsNullable` allows null in place of a section.
 */
export function settingTree(
  leafOf: (key: SettingKey) => z.ZodType,
  areSectionsNullable = false,
): z.ZodType {
  const root: Branch = new Map();
  for (const key of settingKeys) {
    const parts = key.split('.');
    const name = parts.pop() ?? key;
    const section = parts.reduce((branch, part) => {
      if (!branch.has(part)) branch.set(part, new Map());
      return branch.get(part) as Branch;
    }, root);
    section.set(name, leafOf(key).optional());
  }
  return toObject(root, areSectionsNullable);
}

function toObject(branch: Branch, isNullable: boolean): z.ZodType {
  const shape = [...branch].map(([name, part]) => {
    if (!(part instanceof Map)) return [name, part];
    const section = toObject(part, isNullable).optional();
    return [name, isNullable ? section.nullable() : section];
  });
  return z.strictObject(Object.fromEntries(shape), 'must hold settings, each on a line of its own');
}
