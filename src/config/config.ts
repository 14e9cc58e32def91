/** Reads all settings from their sources, checks them, and reports all problems at once. */

import { nodeStorage } from '../disk/storage.ts';
import type { Problem } from '../shared/errors.ts';
import { findContradictions } from './contradictions.ts';
import type { Given } from './given.ts';
import type { Layer } from './layer.ts';
import { readLayers, withPreset } from './layers.ts';
import { referenceProblems, valueProblems, wording } from './problems.ts';
import { type ReferenceFault, type ReferenceWorld, replaceReferences } from './references.ts';
import { type Config, type SettingKey, settingKeys, settings } from './settings.ts';
import type { ConfigSources } from './sources.ts';
import { readTextFile } from './text-file.ts';

export type { ForwardingDestination } from './forwarding-settings.ts';
export {
  type Config,
  environmentName,
  flagName,
  type SettingKey,
  settingKeys,
  settings,
} from './settings.ts';
export type { ConfigSources } from './sources.ts';

export interface EffectiveConfig {
  readonly ok: true;
  readonly config: Config;
  /** The source of each value. */
  readonly given: Readonly<Record<SettingKey, Given>>;
  /** The configuration file that was read; undefined if there is none. */
  readonly file: string | undefined;
  readonly warnings: readonly string[];
}

/** One line for each problem, with the place of the setting, its name and the remedy. */
export interface ConfigProblems {
  readonly ok: false;
  readonly problems: readonly Problem[];
}

export type LoadedConfig = EffectiveConfig | ConfigProblems;

/** The limit for a file that ${file:PATH} names. */
const referencedBytesMax = 64 * 1024;

/** Reads all settings. Precedence: flag, environment, file, preset, default. */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const { layers, file, problems, warnings } = readLayers(sources, storageOf(sources));
  const reading = new Reading(worldOf(sources));
  reading.readAll(layers);
  const contradictions = findContradictions(reading.config, reading.given);
  const found = [...problems, ...reading.problems, ...contradictions];
  if (found.length > 0) return { ok: false, problems: found };
  const config = reading.config as Config;
  const given = reading.given as EffectiveConfig['given'];
  return { ok: true, config, given, file, warnings };
}

export type OutputDir = { readonly ok: true; readonly outputDir: string } | ConfigProblems;

/**
 * Reads output_dir alone. Commands that need only this setting work even if another setting is
 * wrong or a secret is not available.
 */
export function loadOutputDir(sources: ConfigSources): OutputDir {
  const { layers, isFileReadable, problems } = readLayers(sources, storageOf(sources));
  if (!isFileReadable) return { ok: false, problems };
  const reading = new Reading(worldOf(sources));
  reading.read('output_dir', layers);
  const { output_dir: outputDir } = reading.config;
  if (outputDir === undefined) return { ok: false, problems: reading.problems };
  return { ok: true, outputDir };
}

function storageOf({ storage = nodeStorage }: ConfigSources) {
  return storage;
}

function worldOf(sources: ConfigSources): ReferenceWorld {
  return {
    environment: sources.environment,
    readText: (path) => {
      const found = readTextFile(storageOf(sources), path, referencedBytesMax);
      return found ?? { ok: false, fault: 'does not exist' };
    },
  };
}

/** Collects the settings that could be read, and the problems with the others. */
class Reading {
  readonly config: { -readonly [Key in SettingKey]?: Config[Key] } = {};
  readonly given: Partial<Record<SettingKey, Given>> = {};
  readonly problems: Problem[] = [];
  readonly #world: ReferenceWorld;

  constructor(world: ReferenceWorld) {
    this.#world = world;
  }

  readAll(layers: readonly Layer[]): void {
    this.read('preset', layers);
    const { preset } = this.config;
    const all = preset === undefined ? layers : withPreset(layers, preset);
    for (const key of settingKeys) if (key !== 'preset') this.read(key, all);
  }

  read(key: SettingKey, layers: readonly Layer[]): void {
    const layer = layers.find((candidate) => candidate.has(key));
    const given = layer?.get(key);
    if (given === undefined) return;
    this.given[key] = given;
    const faults: ReferenceFault[] = [];
    const value = given.hasReferences
      ? replaceReferences(given.value, this.#world, faults)
      : given.value;
    const result = settings[key].schema.safeParse(value, { error: wording });
    this.problems.push(...referenceProblems(given, faults));
    if (!result.success) this.problems.push(...valueProblems(key, given, result.error, faults));
    else if (faults.length === 0) Object.assign(this.config, { [key]: result.data });
  }
}
