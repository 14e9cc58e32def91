/** Wrong usage is told in one line, with a remedy. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { usageErrorLine } from '../../../src/commands/terminal/usage-error.ts';
import { runArcher } from '../../recorder/recorder-process.ts';

it('usage error: what commander says in one line', () => {
  const proposed = "error: unknown command 'recrod'\n(Did you mean record?)\n";
  const line = "archer: unknown command 'recrod'; did you mean record?";
  assert.equal(usageErrorLine(proposed, 'archer'), line);
  const told = "error: option '--rate <number>' argument '-3' is invalid. Give spans per second.\n";
  assert.equal(usageErrorLine(told, 'archer generate'), told.trim().replace('error', 'archer'));
});

it('usage error: one without a remedy gets one', () => {
  assert.equal(
    usageErrorLine("error: required option '--format <format>' not specified\n", 'archer export'),
    "archer: required option '--format <format>' not specified: see archer export --help",
  );
});

it('usage error: of every command, with exit code 2', async () => {
  const ended = await Promise.all([runArcher(['nonsense']), runArcher(['ls', '--jsn'])]);
  assert.deepEqual(
    ended.map(({ code, stderr }) => [code, stderr]),
    [
      [2, "archer: unknown command 'nonsense': see archer --help\n"],
      [2, "archer: unknown option '--jsn'; did you mean --json?\n"],
    ],
  );
});
