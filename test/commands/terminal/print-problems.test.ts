import assert from 'node:assert/strict';
import { it } from 'node:test';
import { printProblems } from '../../../src/commands/terminal/print-problems.ts';
import { problem } from '../../../src/shared/errors.ts';

it('printProblems: a line for people, or an object with its code for programs', (t) => {
  const print = t.mock.method(console, 'error', () => {});
  const exists = problem('ERR_ARCHER_OUTPUT_EXISTS', { path: 'a.csv' });
  printProblems([exists], false);
  printProblems([exists], true);
  const lines = print.mock.calls.map(({ arguments: [line] }) => line);
  assert.deepEqual(lines, [`archer: ${exists.message}`, JSON.stringify({ error: exists })]);
});
