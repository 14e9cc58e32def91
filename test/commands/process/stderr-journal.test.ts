/** The journal writes JSON lines on standard error. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';

const module = new URL('../../../src/commands/process/stderr-journal.js', import.meta.url).href;

it('setLevel: from then on what is below the level is not written', () => {
  const script = `
    import { openStderrJournal } from '${module}';
    const journal = openStderrJournal('error');
    journal.write('info', 'unheard');
    journal.setLevel('info');
    journal.write('info', 'heard');
    journal.setLevel('error');
    journal.write('warn', 'unheard');`;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
  const lines = child.stderr.toString().trim().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).msg),
    ['heard'],
  );
});

it('openStderrJournal: writes a JSON line with level, time, message and fields, from its level on', () => {
  const script = `
    import { openStderrJournal } from '${module}';
    const journal = openStderrJournal('info');
    journal.write('debug', 'unheard');
    journal.write('warn', 'sealed', { bytes: 12345678901234567890n, path: 'a' });`;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
  assert.equal(child.stdout.toString(), '');
  const lines = child.stderr.toString().trim().split('\n');
  assert.equal(lines.length, 1);
  const entry = JSON.parse(lines[0] ?? '');
  assert.equal(entry.msg, 'sealed');
  assert.equal(entry.bytes, '12345678901234567890');
  assert.equal(entry.path, 'a');
  assert.equal(entry.level, 40);
  assert.ok(!Number.isNaN(Date.parse(entry.time)));
});
