/** `archer config`: what it prints, and how it ends. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { configCommand } from '../../src/commands/config.ts';
import { settingKeys } from '../../src/config/settings.ts';
import { fileWith } from '../config/loading.ts';
import { runCommand } from './run-command.ts';

const run = (...args: string[]) => runCommand(configCommand(), ...args);

describe('archer config', () => {
  beforeEach(() => {
    process.env['OTLP_LOG_LEVEL'] = 'debug';
  });
  afterEach(() => {
    delete process.env['OTLP_LOG_LEVEL'];
  });

  it('a table of key, value and source', async () => {
    const file = fileWith(
      'batch: {max_age: 1500ms}\nhttp: {cors_origins: ["https://a", "https://b"]}',
    );
    const args = ['--config', file, '--lanes', '1', '--preset', 'low_latency'];
    const { code, stdout } = await run(...args, '--dashboard-bearer-token', 'hush');
    assert.equal(code, 0);
    const lines = stdout.join('\n').split('\n');
    assert.equal(lines.length, settingKeys.length + 1);
    assert.match(lines[0] ?? '', /^key +value +source$/);
    const line = (key: string) => {
      return lines.find((text) => text.startsWith(`${key} `))?.replaceAll(/ {2,}/g, ' | ');
    };
    assert.equal(line('batch.max_age'), `batch.max_age | 1500ms | ${file}`);
    assert.equal(line('batch.max_rows'), 'batch.max_rows | 1000 | preset low_latency');
    assert.equal(line('lanes'), 'lanes | 1 | flag --lanes');
    assert.equal(line('log.level'), 'log.level | debug | environment OTLP_LOG_LEVEL');
    assert.equal(line('rotation.schedule'), 'rotation.schedule | (none) | default');
    assert.equal(line('auth.basic'), 'auth.basic | [] | default');
    assert.equal(line('http.cors_origins'), `http.cors_origins | https://a, https://b | ${file}`);
    assert.match(line('dashboard.bearer_token') ?? '', / \| \*\*\* \| /);
  });

  it('--json: the same as an array', async () => {
    const { stdout } = await run('--json', '--batch-max-rows', '5');
    const entries = JSON.parse(stdout[0] ?? '');
    assert.equal(entries.length, settingKeys.length);
    const rows = entries.find((entry: { key: string }) => entry.key === 'batch.max_rows');
    assert.deepEqual(rows, { key: 'batch.max_rows', value: 5, source: 'flag --batch-max-rows' });
  });

  it('--schema: the JSON Schema, also of a configuration that is wrong', async () => {
    const { code, stdout } = await run('--schema', '--batch-max-rows', '0');
    assert.equal(code, 0);
    assert.equal(JSON.parse(stdout[0] ?? '').additionalProperties, false);
  });

  it('what is wrong: exit 2, one line each, all at once', async () => {
    const file = fileWith('bathc: {}\n');
    const { code, stdout, stderr } = await run(
      '--config',
      file,
      '--lanse',
      '1',
      '--grpc-port',
      'x',
    );
    assert.equal(code, 2);
    assert.deepEqual(stdout, []);
    assert.deepEqual(stderr, [
      'archer: --lanse is no flag; did you mean --lanes?',
      `archer: ${file}:1:1: bathc is no setting; did you mean batch?`,
      'archer: --grpc-port: "x" must be a whole number',
    ]);
  });

  it('warnings: on standard error, and it goes on', async () => {
    process.env['OTLP_LOG_LEVL'] = 'x';
    const { code, stderr } = await run().finally(() => {
      delete process.env['OTLP_LOG_LEVL'];
    });
    assert.equal(code, 0);
    assert.match(stderr.join(), /OTLP_LOG_LEVL is not a setting .* did you mean OTLP_LOG_LEVEL\?/);
  });
});
