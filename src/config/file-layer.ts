/** What the configuration file gives: which file that is, and what stands in it. */
import type { Storage } from '../disk/storage.ts';
import type { Layer } from './layer.ts';
import type { TextOrFault } from './references.ts';
import type { ConfigSources } from './sources.ts';
import { readTextFile } from './text-file.ts';
import { readYamlSettings } from './yaml-file.ts';

/** Names the configuration file; no setting, as the file cannot name itself. */
export const fileFlag = '--config';
export const fileVariable = 'OTLP_CONFIG_FILE';

/** Read where no other is named, if it is there. */
export const defaultFile = 'archer.yaml';

/** Many times what all settings need; sections that only indent end at a harmless depth. */
const fileBytesMax = 64 * 1024;

export interface FileLayer {
  /** False where a file is meant that cannot be read: nobody knows what it says. */
  readonly isReadable: boolean;
  readonly layer: Layer;
  readonly path: string | undefined;
  readonly problems: readonly string[];
}

/** The file that is read, or would be if it were there. */
export function configFilePath({ configFile, environment }: ConfigSources): string {
  return configFile ?? environment[fileVariable] ?? defaultFile;
}

export function readFileLayer(sources: ConfigSources, storage: Storage): FileLayer {
  const path = configFilePath(sources);
  const found = readConfigFile(sources, storage, path);
  const layer: Layer = new Map();
  if (found === undefined) return { isReadable: true, layer, path: undefined, problems: [] };
  if (!found.ok) {
    const problems = [`${filePlace(sources, path)} ${found.fault}`];
    return { isReadable: false, layer, path, problems };
  }
  const { given, ...others } = readYamlSettings(found.text, path);
  return { layer: given, path, ...others };
}

/** Undefined where no file is and none has to be: only one that somebody named does. */
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

/** The default file names itself; others stand where somebody named them. */
function filePlace({ configFile, environment }: ConfigSources, path: string): string {
  if (configFile !== undefined) return `${fileFlag}: ${JSON.stringify(path)}`;
  if (environment[fileVariable] !== undefined) return `${fileVariable}: ${JSON.stringify(path)}`;
  return path;
}
