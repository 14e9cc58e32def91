/** `archer ls`: output, exit codes, errors. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { lsCommand } from '../../src/commands/ls.ts';
import { cleanUp, makeFolder, startRecorder } from '../recorder/recorder-process.ts';
import { runCommand } from './run-command.ts';

const fixture = fileURLToPath(
  new URL('../../../fixtures/requests/go-sdk-traces.pb', import.meta.url),
);

after(cleanUp);

function ls(...args: string[]) {
  return runCommand(lsCommand(), ...args);
}

describe('archer ls', () => {
  it('lists signal, file, rows, times, bytes and state, and totals', async () => {
    const recorder = await startRecorder();
    await fetch(`http://127.0.0.1:${recorder.ports.http}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: readFileSync(fixture),
    });
    await recorder.post('/api/flush');
    const active = await ls('--json', '--output-dir', recorder.outputDir);
    const [segment] = JSON.parse(active.stdout[0] ?? '');
    assert.equal(segment.state, 'active');
    assert.equal(segment.rows, 5);
    assert.match(segment.file, /^traces\/date=\d{4}-\d\d-\d\d\/traces-.*-000001\.arrow$/);
    await recorder.stop();
    const { code, stdout } = await ls('--output-dir', recorder.outputDir);
    assert.equal(code, 0);
    const [table = ''] = stdout;
    assert.match(table, /signal +file +rows +first time +last time +bytes +state/);
    assert.match(table, / sealed\n1 segment, 5 rows, /);
  });

  it('an output directory that is not there: exit 1 and the remedy', async () => {
    const { code, stderr } = await ls('--output-dir', join(makeFolder(), 'missing'));
    assert.equal(code, 1);
    assert.match(
      stderr.join(),
      /^archer: output_dir .*missing is not a folder\. .*output directory/,
    );
  });

  it('an empty output directory: no segments, whatever else is configured', async () => {
    const config = join(makeFolder(), 'archer.yaml');
    writeFileSync(config, 'lanes: 7');
    const { code, stdout } = await ls('--output-dir', makeFolder(), '--config', config);
    assert.deepEqual([code, stdout], [0, ['0 segments, 0 rows, 0 B']]);
  });
});
