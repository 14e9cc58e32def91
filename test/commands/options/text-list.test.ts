/** An option that is given several times. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command } from 'commander';
import { appendText } from '../../../src/commands/options/text-list.ts';

describe('text-list', () => {
  it('appendText: keeps each occurrence, in order', () => {
    const command = new Command().option('--service <name>', 'name', appendText);
    command.parse(['--service', 'b', '--service', 'a'], { from: 'user' });
    assert.deepEqual(command.opts(), { service: ['b', 'a'] });
  });
});
