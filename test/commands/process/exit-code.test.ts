/** The exit codes are the contract of scripts that call archer. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { exitCode, signalExitCode } from '../../../src/commands/process/exit-code.ts';

it('exitCode: keeps what scripts rely on', () => {
  assert.deepEqual(exitCode, { done: 0, fault: 1, usage: 2 });
  assert.deepEqual(signalExitCode, { SIGINT: 130, SIGTERM: 143 });
});
