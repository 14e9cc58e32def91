/** Runs a command within the test's process, and catches what it prints and how it ends. */
import { mock } from 'node:test';
import type { Command } from 'commander';

export interface CommandOutcome {
  readonly code: number;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

export async function runCommand(command: Command, ...args: string[]): Promise<CommandOutcome> {
  const log = mock.method(console, 'log', () => {});
  const error = mock.method(console, 'error', () => {});
  const before = process.exitCode;
  try {
    await command.exitOverride().parseAsync(args, { from: 'user' });
    return { code: Number(process.exitCode ?? 0), stdout: linesOf(log), stderr: linesOf(error) };
  } finally {
    log.mock.restore();
    error.mock.restore();
    process.exitCode = before;
  }
}

function linesOf({ mock: calls }: { mock: { calls: { arguments: unknown[] }[] } }): string[] {
  return calls.calls.map((call) => call.arguments.join(' '));
}
