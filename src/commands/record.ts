/** `archer record`: runs the recorder until a signal ends it. */
import { Command, Option } from 'commander';
import {
  type Config,
  environmentName,
  flagName,
  loadConfig,
  type SettingKey,
  settingKeys,
  settings,
} from '../config.ts';
import {
  DirectoryHeldError,
  openRecorder,
  type Recorder,
  type RecorderSummary,
} from '../recorder.ts';
import type { Journal } from '../shared/journal.ts';
import { exitCode } from './exit-code.ts';
import { formatBytes } from './format.ts';
import { openStderrJournal } from './stderr-journal.ts';
import { onStopSignals } from './stop-signals.ts';

export function recordCommand(): Command {
  const command = new Command('record').description('records OTLP into Arrow files (npm start)');
  command.option('--json', 'print events as JSON lines');
  for (const key of settingKeys) command.addOption(settingOption(key));
  return command.action(async (options: Record<string, string | boolean>) => {
    process.exitCode = await record(flagsOf(options), options['json'] === true);
  });
}

function settingOption(key: SettingKey): Option {
  const { default: byDefault, meaning } = settings[key];
  const shown = byDefault === '' ? 'none' : byDefault;
  const text = `${meaning} (${environmentName(key)}; default ${shown})`;
  return new Option(`${flagName(key)} <value>`, text);
}

/** Commander gives `--batch-max-rows` as batchMaxRows. */
function flagsOf(options: Record<string, string | boolean>): Partial<Record<SettingKey, string>> {
  const flags: Partial<Record<SettingKey, string>> = {};
  for (const key of settingKeys) {
    const name = key.replaceAll(/[._](\w)/g, (_all, letter: string) => letter.toUpperCase());
    const value = options[name];
    if (typeof value === 'string') flags[key] = value;
  }
  return flags;
}

async function record(
  flags: Partial<Record<SettingKey, string>>,
  asJson: boolean,
): Promise<number> {
  const loaded = loadConfig({ flags, environment: process.env });
  if (!loaded.ok) {
    for (const problem of loaded.problems) console.error(`archer: ${problem}`);
    return exitCode.usage;
  }
  const { config } = loaded;
  const journal = openStderrJournal(config['log.level']);
  for (const warning of loaded.warnings) journal.write('warn', warning);
  const stop = onStopSignals();
  try {
    const recorder = await openRecorder(config, journal);
    printListeners(recorder, config, asJson);
    return await runUntilStopped(recorder, stop, config, journal, asJson);
  } catch (error) {
    console.error(`archer: ${error instanceof Error ? error.message : String(error)}`);
    return error instanceof DirectoryHeldError ? exitCode.usage : exitCode.fault;
  } finally {
    stop.forget();
  }
}

async function runUntilStopped(
  recorder: Recorder,
  stop: ReturnType<typeof onStopSignals>,
  config: Config,
  journal: Journal,
  asJson: boolean,
): Promise<number> {
  const reason = await Promise.race([stop.first, recorder.failed]);
  const stopped = typeof reason === 'string' && reason.startsWith('SIG');
  if (stopped) journal.write('info', `${reason}: stopping`);
  else journal.write('error', reason);
  const summary = await recorder.shutdown();
  printSummary(summary, config, asJson);
  return stopped ? exitCode.done : exitCode.fault;
}

function printListeners({ ports }: Recorder, config: Config, asJson: boolean): void {
  if (asJson) {
    const output_dir = config.output_dir;
    console.log(JSON.stringify({ event: 'listening', ...ports, output_dir }));
    return;
  }
  const names = { grpc: 'OTLP/gRPC', http: 'OTLP/HTTP', dashboard: 'dashboard' } as const;
  for (const name of ['grpc', 'http', 'dashboard'] as const) {
    const port = ports[name];
    if (port !== null) console.log(`${names[name]} on ${config[`${name}.host`]}:${port}`);
  }
  console.log(`recording into ${config.output_dir}`);
}

function printSummary(summary: RecorderSummary, config: Config, asJson: boolean): void {
  if (asJson) {
    console.log(JSON.stringify({ event: 'stopped', ...summary }));
    return;
  }
  const rows = Object.entries(summary.rows).map(
    ([signal, count]) => `${count} ${itemName(signal)}`,
  );
  const segments = summary.segments === 1 ? '1 segment' : `${summary.segments} segments`;
  const what = rows.length === 0 ? 'nothing' : rows.join(', ');
  const where = `in ${segments} (${formatBytes(summary.bytes)}) in ${config.output_dir}`;
  console.log(`recorded ${what}${summary.segments === 0 ? '' : ` ${where}`}`);
}

function itemName(signal: string): string {
  return signal === 'traces' ? 'spans' : signal === 'metrics' ? 'data points' : 'log records';
}
