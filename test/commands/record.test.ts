/** `archer record` from a shell's side: what it prints, and how it ends. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { cleanUp, makeFolder, runArcher, startRecorder } from '../recorder-process.ts';

after(cleanUp);

describe('archer record', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`${signal}: seals, says what was recorded, and exits 0`, async () => {
      const recorder = await startRecorder();
      const { code, lines } = await recorder.stop(signal);
      assert.equal(code, 0);
      assert.deepEqual(JSON.parse(lines.at(-1) ?? ''), {
        event: 'stopped',
        rows: {},
        segments: 0,
        bytes: 0,
      });
    });
  }

  it('listening: one JSON line with the ports, null for a listener that is off', async () => {
    const recorder = await startRecorder(['--grpc-enabled', 'false']);
    const { lines } = await recorder.stop();
    const event = JSON.parse(lines[0] ?? '');
    assert.equal(event.event, 'listening');
    assert.equal(event.grpc, null);
    assert.ok(event.http > 0 && event.dashboard > 0);
    assert.equal(event.output_dir, recorder.outputDir);
  });

  it('bad settings: exit 2 and one line for each, naming flag or variable', async () => {
    const args = ['record', '--batch-max-rows', '0', '--rotation-max-age', '5'];
    const { code, stderr } = await runArcher(args, { OTLP_COMPRESSION: 'lz4' });
    assert.equal(code, 2);
    const lines = stderr.trim().split('\n');
    assert.equal(lines.length, 3, stderr);
    for (const line of lines) assert.match(line, /^archer: (--|OTLP_)/);
  });

  it('an unknown flag or command: exit 2', async () => {
    assert.equal((await runArcher(['record', '--no-such-flag', '1'])).code, 2);
    assert.equal((await runArcher(['recrod'])).code, 2);
  });

  it('an unknown OTLP_ variable: a warning, and it records', async () => {
    const outputDir = makeFolder();
    process.env['OTLP_BATCH_MAX_ROW'] = '5';
    const recorder = await startRecorder([], outputDir).finally(() => {
      delete process.env['OTLP_BATCH_MAX_ROW'];
    });
    assert.equal((await recorder.stop()).code, 0);
    assert.match(recorder.stderr(), /OTLP_BATCH_MAX_ROW is not a setting/);
  });

  it('--help names every setting with its variable and default', async () => {
    const { code, stdout } = await runArcher(['record', '--help']);
    assert.equal(code, 0);
    assert.match(stdout.replaceAll(/\s+/g, ' '), /OTLP_BATCH_MAX_ROWS; default 10000/);
  });
});
