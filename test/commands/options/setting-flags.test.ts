/** The flags of all settings on a command line. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Command } from 'commander';
import { addSettingFlags, sourcesOf } from '../../../src/commands/options/setting-flags.ts';
import { flagKeys, flagName } from '../../../src/config/settings.ts';

async function sources(...args: string[]) {
  const command = addSettingFlags(new Command('test').option('--json'));
  await command.action(() => {}).parseAsync(args, { from: 'user' });
  return sourcesOf(command);
}

it('sourcesOf: every flag is found under its key', async () => {
  const args = flagKeys.flatMap((key) => [flagName(key), `of ${key}`]);
  const { flags, unknownArguments } = await sources(...args, '--json', '--config', 'a.yaml');
  assert.deepEqual(flags, Object.fromEntries(flagKeys.map((key) => [key, `of ${key}`])));
  assert.deepEqual(unknownArguments, []);
});

it('sourcesOf: the file, the environment, and what is no flag, wherever it stands', async () => {
  const given = await sources(
    'stray',
    '--nope',
    '5',
    '--config=a.yaml',
    '--also=7',
    '--lanes',
    '1',
  );
  assert.equal(given.configFile, 'a.yaml');
  assert.equal(given.environment, process.env);
  assert.deepEqual(given.flags, { lanes: '1' });
  assert.deepEqual(given.unknownArguments, ['stray', '--nope', '5', '--also=7']);
});
