/** `archer import`: brings files of OTLP into the archive, through the recorder. */
import { Command, Option } from 'commander';
import type { ClientTls, OtlpClient } from '../client/client-port.ts';
import { openOtlpClient } from '../client/otlp-client.ts';
import { type Config, loadConfig } from '../config/config.ts';
import { nodeStorage } from '../disk/storage.ts';
import { systemClock } from '../shared/clock.ts';
import { type Problem, problem, problemOf } from '../shared/errors.ts';
import { type Signal, signals } from '../shared/signal.ts';
import { sleep } from './delivery/request-delivery.ts';
import { reportRetries } from './delivery/summary.ts';
import { fileBytes, standardInput } from './import/file-chunks.ts';
import { type ImportFormat, importFormats } from './import/import-format.ts';
import { ImportReport } from './import/import-report.ts';
import { type ImportResult, isNameless, runImport } from './import/import-run.ts';
import { openRecorderTarget, type RecorderTarget } from './import/recorder-target.ts';
import {
  addDestinationOptions,
  type DestinationOptions,
  readClientTls,
} from './options/destination-options.ts';
import { addOutputDirOptions, type OutputDirOptions } from './options/output-directory.ts';
import { exitCode } from './process/exit-code.ts';
import { openStderrJournal } from './process/stderr-journal.ts';
import { onStopSignals } from './process/stop-signals.ts';
import { printProblems } from './terminal/print-problems.ts';
import { openProgress } from './terminal/reading-progress.ts';

interface ImportOptions extends DestinationOptions, OutputDirOptions {
  readonly signal?: Signal;
  readonly format?: ImportFormat;
  readonly json?: true;
}

/** A request of 64 MiB takes seconds where the disk is slow. */
const requestTimeoutMs = 60_000;

/** Beside them the next is read; the recorder decodes one at a time. */
const concurrency = 4;

export function importCommand(): Command {
  const signal = new Option(
    '--signal <name>',
    'of protobuf whose name does not tell; of JSON the only one',
  );
  const format = new Option('--format <name>', 'of the files (default: by their first bytes)');
  const command = new Command('import')
    .description('brings OTLP files into the archive, through the running recorder if there is one')
    .argument(
      '<file...>',
      'JSON lines or length-prefixed protobuf, plain or zstd; - is standard input',
    )
    .addOption(signal.choices(signals))
    .addOption(format.choices(importFormats))
    .option('--json', 'print the summary as JSON');
  return addDestinationOptions(addOutputDirOptions(command)).action(
    async (files: readonly string[], options: ImportOptions) => {
      process.exitCode = await importFiles(files, options);
    },
  );
}

async function importFiles(files: readonly string[], options: ImportOptions): Promise<number> {
  const flags = options.outputDir === undefined ? {} : { output_dir: options.outputDir };
  const { config: configFile } = options;
  const loaded = loadConfig({ flags, configFile, environment: process.env });
  const read = readClientTls(nodeStorage, options);
  const problems = [loaded, read].flatMap((part) => (part.ok ? [] : part.problems));
  if (problems.length === 0) problems.push(...(await usageProblems(files, options)));
  printProblems(problems, options.json);
  if (!loaded.ok || !read.ok || problems.length > 0) return exitCode.usage;
  try {
    return await importInto(loaded.config, read.tls, files, options);
  } catch (error) {
    printProblems([problemOf(error)], options.json);
    return exitCode.fault;
  }
}

/** Before anything is imported. */
async function usageProblems(
  files: readonly string[],
  { signal, format }: ImportOptions,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const path of files.filter((name) => name !== standardInput)) {
    if (fileBytes(nodeStorage, path) === undefined) {
      const hint = 'Name a file, or pipe it to archer import -.';
      problems.push(problem('ERR_ARCHER_INPUT_MISSING', { path, hint }));
    } else if (signal === undefined && (await isNameless(nodeStorage, path, format))) {
      problems.push(problem('ERR_ARCHER_INPUT_SIGNAL_UNKNOWN', { path }));
    }
  }
  return problems;
}

async function importInto(
  config: Config,
  tls: ClientTls | undefined,
  files: readonly string[],
  options: ImportOptions,
): Promise<number> {
  const never = new AbortController().signal;
  const target = await openRecorderTarget({
    ...{ config, clock: systemClock, sleep: (ms) => sleep(ms, never) },
    journal: openStderrJournal('warn'),
    isSecure: tls !== undefined || config['tls.cert_file'] !== undefined,
  });
  const { protocol, endpoint } = target;
  const client = openOtlpClient(
    {
      ...{ protocol, endpoint, compression: 'none', connectionsMax: concurrency },
      ...{ timeoutMs: requestTimeoutMs, userAgent: 'archer-import' },
      headers: { ...options.header, ...target.headers },
      ...(tls && { tls }),
    },
    systemClock,
  );
  const report = new ImportReport();
  try {
    const result = await run(client, target, files, options, report);
    client.close();
    await target.close();
    return tell(result, target, report, { config, files, options });
  } catch (error) {
    client.close();
    await target.close().catch(() => {});
    throw error;
  }
}

async function run(
  client: OtlpClient,
  target: RecorderTarget,
  files: readonly string[],
  { signal, format }: ImportOptions,
  report: ImportReport,
): Promise<ImportResult> {
  const stop = new AbortController();
  const signalsHeard = onStopSignals();
  void signalsHeard.first.then(() => stop.abort());
  void target.failed.then(() => stop.abort());
  const bytesTotal = files.reduce((sum, path) => sum + (fileBytes(nodeStorage, path) ?? 0), 0);
  const progress = openProgress(bytesTotal, process.stderr);
  const onFirstRetry = reportRetries(target.name, process.stderr);
  const what = { files, signal, format, concurrency, report, onBytes: progress.add, onFirstRetry };
  try {
    const ports = { storage: nodeStorage, clock: systemClock, send: client.send };
    return await runImport({ ...what, ...ports }, stop.signal);
  } finally {
    progress.close();
    signalsHeard.forget();
  }
}

function tell(
  { tally, endedAt }: ImportResult,
  target: RecorderTarget,
  report: ImportReport,
  { config, files, options }: { config: Config; files: readonly string[]; options: ImportOptions },
): number {
  const { seconds, retries } = tally;
  const outputDir = config.output_dir;
  const facts = { fileCount: files.length, outputDir, retries, seconds };
  console.log(options.json === true ? report.json(facts) : report.text(facts));
  const problems = report.problems();
  if (tally.gaveUp) {
    const hint = 'Give --header if it demands credentials, and import again.';
    const facts = { destination: target.name, reason: String(tally.lastProblem), hint };
    problems.push(problem('ERR_ARCHER_DESTINATION_UNAVAILABLE', facts));
  }
  if (endedAt !== undefined) {
    const hint = report.isEmpty
      ? 'Nothing was imported.'
      : 'What was imported before is there twice if you import the file again.';
    const facts = { what: 'The import', place: ` at ${endedAt}`, hint };
    problems.push(problem('ERR_ARCHER_STOPPED', facts));
  }
  printProblems(problems, options.json);
  const isWhole = report.skipCount === 0 && !tally.gaveUp && endedAt === undefined;
  return isWhole ? exitCode.done : exitCode.fault;
}
