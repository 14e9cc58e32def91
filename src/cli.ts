#!/usr/bin/env node
/** The command `archer`: its subcommands, and the exit codes they share. */
import { Command, CommanderError } from 'commander';
import { printProblems } from './commands/terminal/print-problems.ts';
import { usageProblem } from './commands/terminal/usage-error.ts';
import { packageVersion } from './shared/version.ts';
import { keepYoungGenerationSmall } from './threads/young-generation.ts';

/** Wrong usage; commander itself would say 1. */
const usageExitCode = 2;

const [, , asked = ''] = process.argv;

/** In the order of the help. Each is loaded when it is asked for: all take half a second. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  record: async () => {
    if (asked === 'record') keepYoungGenerationSmall();
    return (await import('./commands/record.ts')).recordCommand();
  },
  generate: async () => (await import('./commands/generate.ts')).generateCommand(),
  ls: async () => (await import('./commands/ls.ts')).lsCommand(),
  verify: async () => (await import('./commands/verify.ts')).verifyCommand(),
  repair: async () => (await import('./commands/repair.ts')).repairCommand(),
  export: async () => (await import('./commands/export.ts')).exportCommand(),
  import: async () => (await import('./commands/import.ts')).importCommand(),
  replay: async () => (await import('./commands/replay.ts')).replayCommand(),
  config: async () => (await import('./commands/config.ts')).configCommand(),
};

const program = new Command('archer')
  .description('Records OpenTelemetry into Arrow files that open anywhere.')
  .version(packageVersion());

const loaded = Object.hasOwn(commands, asked) ? [asked] : Object.keys(commands);
for (const name of loaded) program.addCommand(await commands[name]!());

for (const command of [program, ...program.commands]) {
  const name = command === program ? 'archer' : `archer ${command.name()}`;
  const outputError = (text: string) => {
    // The options are not parsed yet, or they are what is wrong.
    printProblems([usageProblem(text, name)], process.argv.includes('--json'));
  };
  command.exitOverride().configureOutput({ outputError });
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : usageExitCode;
}
