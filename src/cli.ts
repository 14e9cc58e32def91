#!/usr/bin/env node
/** The command `archer`: its subcommands, and the exit codes they share. */
import { Command, CommanderError } from 'commander';
import { configCommand } from './commands/config.ts';
import { exportCommand } from './commands/export.ts';
import { generateCommand } from './commands/generate.ts';
import { importCommand } from './commands/import.ts';
import { lsCommand } from './commands/ls.ts';
import { recordCommand } from './commands/record.ts';
import { repairCommand } from './commands/repair.ts';
import { replayCommand } from './commands/replay.ts';
import { verifyCommand } from './commands/verify.ts';
import { packageVersion } from './version.ts';

/** Wrong usage; commander itself would say 1. */
const usageExitCode = 2;

const program = new Command('archer')
  .description('Records OpenTelemetry into Arrow files that open anywhere.')
  .version(packageVersion())
  .addCommand(recordCommand())
  .addCommand(generateCommand())
  .addCommand(lsCommand())
  .addCommand(verifyCommand())
  .addCommand(repairCommand())
  .addCommand(exportCommand())
  .addCommand(importCommand())
  .addCommand(replayCommand())
  .addCommand(configCommand());

for (const command of [program, ...program.commands]) command.exitOverride();

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : usageExitCode;
}
