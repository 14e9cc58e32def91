/** Tests the lines that the journal writes to standard error. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';

const module = new URL('../../../src/commands/process/stderr-journal.js', import.meta.url).href;

it('setLevel: drops later messages below the level', () => {
  const script = `
    import { openStderrJournal } from '${module}';
    const journal = openStderrJournal('error');
    journal.write('info', 'dropped');
    journal.setLevel('info');
    journal.write('info', 'written');
    journal.setLevel('error');
    journal.write('warn', 'dropped');`;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
  const lines = child.stderr.toString().trim().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).msg),
    ['written'],
  );
});

it('openStderrJournal: writes JSON lines with the name of the level, the time, the message and the fields', () => {
  const script = `
    import { openStderrJournal } from '${module}';
    const journal = openStderrJournal('info');
    journal.write('debug', 'dropped');
    journal.write('warn', 'sealed', { bytes: 12345678901234567890n, path: 'a' });`;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
  assert.equal(child.stdout.toString(), '');
  const lines = child.stderr.toString().trim().split('\n');
  assert.equal(lines.length, 1);
  const entry = JSON.parse(lines[0] ?? '');
  assert.equal(entry.msg, 'sealed');
  assert.equal(entry.bytes, '12345678901234567890');
  assert.equal(entry.path, 'a');
  assert.equal(entry.level, 'warn');
  assert.ok(!Number.isNaN(Date.parse(entry.time)));
});
