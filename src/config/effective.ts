/** The effective configuration as people see it: each value and its source. */
import { z } from 'zod';
import { type Given, type Path, pathText, valueAt } from './given.ts';
import { hidden, isSecret } from './secrets.ts';
import { type Config, type SettingKey, settingKeys, settings } from './settings.ts';

export type ShownValue = string | number | boolean | null | readonly ShownValue[];

export interface EffectiveEntry {
  /** Entries of destinations have keys such as `forwarding[0].timeout`. */
  readonly key: string;
  /** The value as the configuration file would have it; null if there is none. */
  readonly value: ShownValue;
  readonly source: string;
}

/** Returns one entry for each value, in the order of the settings. Secrets are hidden. */
export function effectiveEntries(
  config: Config,
  given: Readonly<Record<SettingKey, Given>>,
): EffectiveEntry[] {
  return settingKeys.flatMap((key) => {
    const written = writtenValue(key, config[key]);
    const paths = key === 'forwarding' ? pathsWithin(written, []) : [[]];
    return paths.map((path) => ({
      key: pathText([key, ...path]),
      value: shownValue(key, path, valueAt(written, path)),
      source: sourceOf(given[key], path),
    }));
  });
}

/** Returns a value as the configuration file would have it. Secrets are not hidden. */
export function writtenValue<Key extends SettingKey>(key: Key, value: Config[Key]): unknown {
  return z.encode(settings[key].schema as z.ZodType, value);
}

/** Returns the path to each value of a list of destinations; a list of texts is one value. */
function pathsWithin(value: unknown, path: Path): Path[] {
  if (typeof value !== 'object' || value === null || isTexts(value)) return [path];
  return Object.entries(value).flatMap(([name, part]) => {
    return pathsWithin(part, [...path, Array.isArray(value) ? Number(name) : name]);
  });
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function shownValue(key: SettingKey, path: Path, written: unknown): ShownValue {
  if (written === '') return null;
  const isEmptyList = Array.isArray(written) && written.length === 0;
  return isSecret(key, path, written) && !isEmptyList ? hidden : (written as ShownValue);
}

/** An entry that the destination itself does not give is a default. */
function sourceOf({ value, source }: Given, path: Path): string {
  return path.length > 0 && valueAt(value, path) === undefined ? 'default' : source;
}
