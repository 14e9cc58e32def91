/** Finds the configuration file and reads the settings that it gives. */
import type { Storage } from '../disk/storage.ts';
import { type Problem, problem } from '../shared/errors.ts';
import type { Layer } from './layer.ts';
import type { TextOrFault } from './references.ts';
import type { ConfigSources } from './sources.ts';
import { readTextFile } from './text-file.ts';
import { readYamlSettings } from './yaml-file.ts';

/** Flag and variable with the path of the file. It is no setting: the file cannot hold it. */
export const fileFlag = '--config';
export const fileVariable = 'OTLP_CONFIG_FILE';

/** Read if neither flag nor variable names a file. It may be absent. */
export const defaultFile = 'archer.yaml';

/** Many times what all settings need. It also bounds the depth of sections by indentation. */
const fileBytesMax = 64 * 1024;

export interface FileLayer {
  /** False if the file has to be there and cannot be read, so that its settings are unknown. */
  readonly isReadable: boolean;
  readonly layer: Layer;
  readonly path: string | undefined;
  readonly problems: readonly Problem[];
}

/** Returns the path of the file, which need not exist. */
export function configFilePath({ configFile, environment }: ConfigSources): string {
  return configFile ?? environment[fileVariable] ?? defaultFile;
}

export function readFileLayer(sources: ConfigSources, storage: Storage): FileLayer {
  const path = configFilePath(sources);
  const found = readConfigFile(sources, storage, path);
  const layer: Layer = new Map();
  if (found === undefined) return { isReadable: true, layer, path: undefined, problems: [] };
  if (!found.ok) {
    const line = `${filePlace(sources, path)} ${found.fault}`;
    const problems = [problem('ERR_ARCHER_CONFIG_FILE_UNREADABLE', { problem: line })];
    return { isReadable: false, layer, path, problems };
  }
  const { given, ...others } = readYamlSettings(found.text, path);
  return { layer: given, path, ...others };
}

/** Returns undefined if the default file is absent. A file that was named must exist. */
function readConfigFile(
  sources: ConfigSources,
  storage: Storage,
  path: string,
): TextOrFault | undefined {
  const { configFile, environment, fileBefore } = sources;
  const found = readTextFile(storage, path, fileBytesMax);
  if (found?.ok && fileBefore === path && found.text.trim() === '') {
    return { ok: false, fault: 'is empty' };
  }
  const isNamed = (configFile ?? environment[fileVariable] ?? fileBefore) !== undefined;
  return found === undefined && isNamed ? { ok: false, fault: 'does not exist' } : found;
}

/** Names the flag or variable that gave the path, so that a wrong path is found there. */
function filePlace({ configFile, environment }: ConfigSources, path: string): string {
  if (configFile !== undefined) return `${fileFlag}: ${JSON.stringify(path)}`;
  if (environment[fileVariable] !== undefined) return `${fileVariable}: ${JSON.stringify(path)}`;
  return path;
}
