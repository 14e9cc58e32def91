/** `archer record`: runs the recorder until a signal ends it. */
import { Command } from 'commander';
import { CertificateWatch } from '../config/certificate-watch.ts';
import {
  type Config,
  type ConfigSources,
  type EffectiveConfig,
  loadConfig,
} from '../config/config.ts';
import { configFilePath } from '../config/file-layer.ts';
import { type FileWatch, watchFile } from '../config/file-watch.ts';
import { pemProblems } from '../config/pem-file.ts';
import { ConfigReload, type Reconfigurable } from '../config/reload.ts';
import { nodeStorage } from '../disk/storage.ts';
import { Recorder, type RecorderSummary } from '../recorder/recorder.ts';
import { systemClock } from '../shared/clock.ts';
import { type Problem, problemOf } from '../shared/errors.ts';
import type { Journal } from '../shared/journal.ts';
import { lowerMainThreadPriority } from '../threads/thread-priority.ts';
import { addSettingFlags, sourcesOf } from './options/setting-flags.ts';
import { exitCode } from './process/exit-code.ts';
import { forceEnd, threadsEnd } from './process/forced-end.ts';
import { type HangupSignal, onHangupSignal } from './process/hangup-signal.ts';
import { openStderrJournal, type StderrJournal } from './process/stderr-journal.ts';
import { onStopSignals, type StopSignal } from './process/stop-signals.ts';
import { formatBytes } from './terminal/format.ts';
import { printProblems } from './terminal/print-problems.ts';

/** The longest time from the first signal to the end of the process, whatever hangs. */
const stopMsMax = 60_000;

export function recordCommand(): Command {
  const command = new Command('record').description('records OTLP into Arrow files (npm start)');
  command.option('--json', 'print events as JSON lines');
  return addSettingFlags(command).action(async (options: { json?: boolean }) => {
    process.exitCode = await record(sourcesOf(command), options.json === true);
  });
}

async function record(sources: ConfigSources, asJson: boolean): Promise<number> {
  const loaded = loadConfig(sources);
  const problems = loaded.ok ? pemProblems(nodeStorage, loaded.config) : loaded.problems;
  printProblems(problems, asJson);
  if (!loaded.ok || problems.length > 0) return exitCode.usage;
  const { config } = loaded;
  const journal = openStderrJournal(config['log.level']);
  for (const warning of loaded.warnings) journal.write('warn', warning);
  const recorder = new Recorder(config, journal);
  const forced = (code: number) => void forceEnd(code, () => recorder.endThreads());
  const stop = onStopSignals(systemClock, forced);
  const hangup = onHangupSignal();
  try {
    return await run(recorder, { sources, loaded, journal, asJson }, stop.first, hangup);
  } catch (error) {
    const problem = problemOf(error);
    printProblems([problem], asJson);
    return problem.code === 'ERR_ARCHER_DIRECTORY_HELD' ? exitCode.usage : exitCode.fault;
  } finally {
    stop.forget();
    hangup.forget();
    // A thread that is blocked would keep the process alive, as soon as nothing else does.
    if (!(await threadsEnd(() => recorder.endThreads()))) forced(exitCode.fault);
  }
}

interface RunOptions {
  readonly sources: ConfigSources;
  readonly loaded: EffectiveConfig;
  readonly journal: StderrJournal;
  readonly asJson: boolean;
}

/** Records until a signal comes or the recorder fails; obeys a signal also while it starts. */
async function run(
  recorder: Recorder,
  { sources, loaded, journal, asJson }: RunOptions,
  stopped: Promise<StopSignal>,
  hangup: HangupSignal,
): Promise<number> {
  const { config } = loaded;
  void stopped.then(() => {
    setTimeout(() => {
      const remedy = 'what it acknowledged is in the log, and the next start recovers it';
      journal.write('error', `the recorder did not stop within a minute: ${remedy}`);
      void forceEnd(exitCode.fault, () => recorder.endThreads());
    }, stopMsMax).unref();
  });
  const opening = recorder.open();
  const early = await Promise.race([opening, stopped]);
  if (early !== undefined) {
    opening.catch(() => {});
    return shutDown(recorder, early, config, journal, asJson);
  }
  lowerMainThreadPriority();
  const watch = await watchSettings(sources, loaded, recorder, hangup, journal);
  printListeners(recorder, config, asJson);
  const reason = await Promise.race([stopped, recorder.failed]);
  await watch.close();
  return await shutDown(recorder, reason, config, journal, asJson);
}

/** The level of the recorder's own messages. */
function levelOf(journal: StderrJournal): Reconfigurable {
  return { reconfigure: (config) => journal.setLevel(config['log.level']) };
}

/** From now on the parts apply the changes of the file, and all changes on SIGHUP. */
async function watchSettings(
  sources: ConfigSources,
  started: EffectiveConfig,
  recorder: Recorder,
  hangup: HangupSignal,
  journal: StderrJournal,
): Promise<FileWatch> {
  const certificates = watchCertificates(started.config, recorder, journal);
  const parts = [levelOf(journal), recorder, certificates];
  let fileBefore = started.file;
  const load = () => {
    const loaded = loadConfig({ ...sources, fileBefore });
    if (loaded.ok) fileBefore = loaded.file;
    return loaded;
  };
  const reload = new ConfigReload({ running: started, load, parts, journal });
  const path = configFilePath(sources);
  const watch = await watchFile(path, {
    onChange: () => reload.reload(`${path} has changed`),
    onFault: (reason) => {
      journal.write('warn', `${path} cannot be watched (${reason}): after a change send SIGHUP`);
    },
  });
  await certificates.ready();
  hangup.listen(() => {
    reload.reload('SIGHUP');
    recorder.reloadCertificates('SIGHUP');
  });
  const close = async () => {
    hangup.listen(() => {});
    await Promise.all([watch.close(), certificates.close()]);
  };
  return { close };
}

function watchCertificates(config: Config, recorder: Recorder, journal: Journal): CertificateWatch {
  return new CertificateWatch(config, {
    onChange: () => recorder.reloadCertificates('a certificate file has changed'),
    onFault: (reason) => {
      const remedy = 'after a change send SIGHUP';
      journal.write('warn', `the certificate files cannot be watched (${reason}): ${remedy}`);
    },
  });
}

async function shutDown(
  recorder: Recorder,
  reason: string | Problem,
  config: Config,
  journal: Journal,
  asJson: boolean,
): Promise<number> {
  const stopped = typeof reason === 'string';
  if (stopped) journal.write('info', `${reason}: stopping`);
  else journal.write('error', reason.message, { code: reason.code });
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
