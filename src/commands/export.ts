/** `archer export`: writes the archive, or a part of it, in the formats that others read. */
import { Command, Option } from 'commander';
import { nativeDecompress } from '../disk/ipc/zstd.ts';
import { nodeStorage } from '../disk/storage.ts';
import { ArchiveReader } from '../query/archive-reader.ts';
import { systemClock } from '../shared/clock.ts';
import { problem } from '../shared/errors.ts';
import { signals } from '../shared/signal.ts';
import { exportFormats } from './export/export-format.ts';
import { ExportRun } from './export/export-run.ts';
import { type ExportOptions, readSelection } from './export/export-settings.ts';
import { addOutputDirOptions, findOutputDir } from './options/output-directory.ts';
import { appendText } from './options/text-list.ts';
import { exitCode, signalExitCode } from './process/exit-code.ts';
import { onStopSignals } from './process/stop-signals.ts';
import { printProblems } from './terminal/print-problems.ts';

export function exportCommand(): Command {
  const format = new Option('--format <format>', 'of the files').choices(
    Object.keys(exportFormats),
  );
  const signal = new Option('--signal <signal>', 'only this one').choices([...signals]);
  const output = 'a file, a folder (with a slash at its end if it is new) or - for standard output';
  const command = new Command('export')
    .description('writes the archive as Parquet, Arrow IPC files, OTLP or CSV')
    .addOption(format.makeOptionMandatory())
    .requiredOption('--output <path>', output)
    .addOption(signal)
    .option('--from <time>', 'rows from this time on: RFC 3339, or -15m')
    .option('--to <time>', 'rows before this time')
    .option('--service <name>', 'only of this service; several times for several', appendText)
    .option('--force', 'replace files that are there')
    .option('--json', 'print the summary as JSON');
  return addOutputDirOptions(command).action(async (options: ExportOptions) => {
    process.exitCode = await exportArchive(options);
  });
}

async function exportArchive(options: ExportOptions): Promise<number> {
  const found = findOutputDir(nodeStorage, options);
  const selection = readSelection(options, systemClock.unixNs());
  if (!found.ok || !selection.ok) {
    const problems = [found, selection].flatMap((part) => (part.ok ? [] : part.problems));
    printProblems(problems, options.json);
    return selection.ok && !found.ok ? found.code : exitCode.usage;
  }
  const { outputDir } = found;
  const stop = onStopSignals();
  try {
    const reader = new ArchiveReader({
      ...{ storage: nodeStorage, outputDir, decompress: nativeDecompress() },
    });
    const run = new ExportRun({ storage: nodeStorage, reader, options, selection });
    void stop.first.then((signal) => run.stop(signalExitCode[signal]));
    return await run.run();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const facts = { directory: outputDir, reason: message };
    printProblems([problem('ERR_ARCHER_DIRECTORY_UNREADABLE', facts)], options.json);
    return exitCode.fault;
  } finally {
    stop.forget();
  }
}
