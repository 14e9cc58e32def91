/** The flags of settings, for the commands that take them. */
import { type Command, Option } from 'commander';
import { defaultFile, fileFlag, fileVariable } from '../../config/file-layer.ts';
import {
  environmentName,
  flagKeys,
  flagName,
  type SettingKey,
  settings,
} from '../../config/settings.ts';
import { defaultText } from '../../config/settings-table.ts';
import type { ConfigSources } from '../../config/sources.ts';

/** Flags that are none are left to `sourcesOf`: they are named together with all else. */
export function addSettingFlags(command: Command): Command {
  command.addOption(configFlag());
  for (const key of flagKeys) command.addOption(settingFlag(key));
  return command.allowUnknownOption().allowExcessArguments();
}

/** What the command line and the environment say. */
export function sourcesOf(command: Command): ConfigSources {
  const options = command.opts<Record<string, string | undefined>>();
  const flags: Partial<Record<SettingKey, string>> = {};
  for (const key of flagKeys) {
    const value = options[optionName(key)];
    if (value !== undefined) flags[key] = value;
  }
  const { config: configFile } = options;
  return { flags, configFile, unknownArguments: command.args, environment: process.env };
}

export function configFlag(): Option {
  const text = `configuration in YAML (${fileVariable}; default ${defaultFile}, if it is there)`;
  return new Option(`${fileFlag} <file>`, text);
}

export function settingFlag(key: SettingKey): Option {
  const { default: byDefault, meaning } = settings[key];
  const text = `${meaning} (${environmentName(key)}; default ${defaultText(byDefault)})`;
  return new Option(`${flagName(key)} <value>`, text);
}

/** Commander gives `--batch-max-rows` as batchMaxRows. */
function optionName(key: SettingKey): string {
  return key.replaceAll(/[._](\w)/g, (_all, letter: string) => letter.toUpperCase());
}
