/** Wrong usage is told in one line, with a remedy. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { usageProblem } from '../../../src/commands/terminal/usage-error.ts';
import { runArcher } from '../../recorder/recorder-process.ts';

it('usage error: what commander says in one line', () => {
  const proposed = "error: unknown command 'recrod'\n(Did you mean record?)\n";
  const line = "unknown command 'recrod'; did you mean record?";
  assert.equal(usageProblem(proposed, 'archer').message, line);
  const told = "error: option '--rate <number>' argument '-3' is invalid. Give spans per second.\n";
  const expected = told.trim().replace('error: ', '');
  assert.equal(usageProblem(told, 'archer generate').message, expected);
});

it('usage error: one without a remedy gets one', () => {
  assert.equal(
    usageProblem("error: required option '--format <format>' not specified\n", 'archer export')
      .message,
    "required option '--format <format>' not specified: see archer export --help",
  );
});

it('usage error: of every command, with exit code 2; with --json as an object', async () => {
  const nope = usageProblem("unknown option '--nope'", 'archer ls');
  const commands = [['nonsense'], ['ls', '--jsn'], ['ls', '--json', '--nope']];
  const ended = await Promise.all(commands.map((args) => runArcher(args)));
  assert.deepEqual(
    ended.map(({ code, stderr }) => [code, stderr]),
    [
      [2, "archer: unknown command 'nonsense': see archer --help\n"],
      [2, "archer: unknown option '--jsn'; did you mean --json?\n"],
      [2, `${JSON.stringify({ error: nope })}\n`],
    ],
  );
});
