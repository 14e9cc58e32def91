#!/usr/bin/env node
/** The command `archer`: its subcommands, and the exit codes they share. */
import { Command, CommanderError } from 'commander';
import { generateCommand } from './commands/generate.ts';
import { lsCommand } from './commands/ls.ts';
import { recordCommand } from './commands/record.ts';
import { repairCommand } from './commands/repair.ts';
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
  .addCommand(repairCommand());

for (const command of [program, ...program.commands]) command.exitOverride();

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : usageExitCode;
}
