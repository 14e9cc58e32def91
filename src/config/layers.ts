/** Reads all sources of settings and puts them in order of precedence. */
import type { Storage } from '../disk/storage.ts';
import { type Problem, problem } from '../shared/errors.ts';
import { hiddenDestinations, readEnvironment } from './environment-layer.ts';
import { fileFlag, readFileLayer } from './file-layer.ts';
import { type Layer, toLayer } from './layer.ts';
import { suggestion } from './nearest-name.ts';
import { presets } from './presets.ts';
import { flagKeys, flagName, settingKeys, settings } from './settings.ts';
import type { ConfigSources } from './sources.ts';

export interface Layers {
  /** The first layer that has a setting gives its value. */
  readonly layers: readonly Layer[];
  /** The configuration file that was read. */
  readonly file: string | undefined;
  readonly isFileReadable: boolean;
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/** The order is flag, environment, file, default. `withPreset` adds the layer of the preset. */
export function readLayers(sources: ConfigSources, storage: Storage): Layers {
  const environment = readEnvironment(sources.environment);
  const file = readFileLayer(sources, storage);
  const unknown = unknownArguments(sources.unknownArguments ?? []);
  return {
    layers: [flagLayer(sources.flags), environment.layer, file.layer, defaultLayer()],
    file: file.path,
    isFileReadable: file.isReadable,
    problems: [...unknown, ...environment.problems, ...file.problems],
    warnings: [...environment.warnings, ...hiddenDestinations(environment.layer, file.layer)],
  };
}

/** Inserts the layer of the preset right before the defaults. */
export function withPreset(layers: readonly Layer[], preset: keyof typeof presets): Layer[] {
  const source = `preset ${preset}`;
  const layer = toLayer(presets[preset], (key) => ({ source, place: `${source}: ${key}` }));
  return [...layers.slice(0, -1), layer, ...layers.slice(-1)];
}

function flagLayer(flags: ConfigSources['flags']): Layer {
  return toLayer(flags, (key) => ({ source: `flag ${flagName(key)}`, place: flagName(key) }));
}

function defaultLayer(): Layer {
  const values = Object.fromEntries(settingKeys.map((key) => [key, settings[key].default]));
  return toLayer(values, (key) => ({ source: 'default', place: `default: ${key}` }));
}

/** An argument after an unknown flag is taken for the value of that flag and not reported. */
function unknownArguments(unknown: readonly string[]): Problem[] {
  const flags = [...flagKeys.map(flagName), fileFlag, '--json'];
  return unknown.flatMap((argument, index) => {
    if (argument.startsWith('-')) {
      const [name = argument] = argument.split('=');
      const line = `${name} is no flag${suggestion(name, flags)}`;
      return [problem('ERR_ARCHER_SETTING_UNKNOWN', { problem: line })];
    }
    if (unknown[index - 1]?.startsWith('-')) return [];
    const line = `${JSON.stringify(argument)} stands alone: every setting is a flag and its value`;
    return [problem('ERR_ARCHER_USAGE_INVALID', { problem: line })];
  });
}
