/** `archer config`: the effective configuration, and where each value came from. */
import { Command } from 'commander';
import { type ConfigSources, loadConfig } from '../config/config.ts';
import { type EffectiveEntry, effectiveEntries, type ShownValue } from '../config/effective.ts';
import { configJsonSchema } from '../config/json-schema.ts';
import { addSettingFlags, sourcesOf } from './options/setting-flags.ts';
import { exitCode } from './process/exit-code.ts';
import { formatTable } from './terminal/format.ts';
import { printProblems } from './terminal/print-problems.ts';

export function configCommand(): Command {
  const command = new Command('config')
    .description('shows the effective configuration and where each value came from')
    .option('--json', 'print a JSON array')
    .option('--schema', 'print the JSON Schema of the configuration file');
  return addSettingFlags(command).action((options: { json?: boolean; schema?: boolean }) => {
    process.exitCode = options.schema === true ? showSchema() : show(sourcesOf(command), options);
  });
}

function showSchema(): number {
  console.log(JSON.stringify(configJsonSchema(), undefined, 2));
  return exitCode.done;
}

function show(sources: ConfigSources, options: { json?: boolean }): number {
  const loaded = loadConfig(sources);
  if (!loaded.ok) {
    printProblems(loaded.problems, options.json);
    return exitCode.usage;
  }
  for (const warning of loaded.warnings) console.error(`archer: ${warning}`);
  const entries = effectiveEntries(loaded.config, loaded.given);
  console.log(options.json === true ? JSON.stringify(entries) : toTable(entries));
  return exitCode.done;
}

function toTable(entries: readonly EffectiveEntry[]): string {
  const rows = entries.map(({ key, value, source }) => [key, valueText(value), source]);
  return formatTable(['key', 'value', 'source'], rows);
}

function valueText(value: ShownValue): string {
  if (value === null) return '(none)';
  if (typeof value !== 'object') return String(value);
  return value.length === 0 ? '[]' : value.map(valueText).join(', ');
}
