/** `archer ls` and `archer record` from a shell's side: output, exit codes, errors. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cleanUp, makeFolder, runArcher, startRecorder } from '../recorder-process.ts';

const fixture = fileURLToPath(
  new URL('../../../fixtures/requests/go-sdk-traces.pb', import.meta.url),
);

after(cleanUp);

describe('archer ls', () => {
  it('lists signal, file, rows, times, bytes and state, and totals', async () => {
    const recorder = await startRecorder();
    await fetch(`http://127.0.0.1:${recorder.ports.http}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: readFileSync(fixture),
    });
    await recorder.post('/api/flush');
    const active = await runArcher(['ls', '--json', '--output-dir', recorder.outputDir]);
    const [segment] = JSON.parse(active.stdout);
    assert.equal(segment.state, 'active');
    assert.equal(segment.rows, 5);
    assert.match(segment.file, /^traces\/date=\d{4}-\d\d-\d\d\/traces-.*-000001\.arrow$/);
    await recorder.stop();
    const sealed = await runArcher(['ls', '--output-dir', recorder.outputDir]);
    assert.equal(sealed.code, 0);
    assert.match(sealed.stdout, /signal +file +rows +first time +last time +bytes +state/);
    assert.match(sealed.stdout, / sealed\n1 segment, 5 rows, /);
  });

  it('an output directory that is not there: exit 1 and the remedy', async () => {
    const missing = join(makeFolder(), 'missing');
    const { code, stderr } = await runArcher(['ls'], { OTLP_OUTPUT_DIR: missing });
    assert.equal(code, 1);
    assert.match(stderr, /^archer: output_dir .*missing is no folder: .*--output-dir\n$/);
  });

  it('an empty output directory: no segments', async () => {
    const { code, stdout } = await runArcher(['ls', '--output-dir', makeFolder()]);
    assert.deepEqual([code, stdout], [0, '0 segments, 0 rows, 0 B\n']);
  });
});
