/** `archer export` from a shell's side: files, output, exit codes, errors. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { exportCommand } from '../../src/commands/export.ts';
import { ArchiveBuilder } from '../query/archive-builder.ts';
import { damageFirstBody } from '../query/damage.ts';
import { logsOf, spansOf } from '../query/small-requests.ts';
import { cleanUp, makeFolder, runArcher, startRecorder } from '../recorder/recorder-process.ts';
import { runCommand } from './run-command.ts';

after(cleanUp);

function archive(): ArchiveBuilder {
  const builder = new ArchiveBuilder();
  builder.segment([[spansOf('shop', { time: 100n }), spansOf('mail', { time: 200n })]]);
  builder.segment([[logsOf('shop', { time: 150n })]], { signal: 'logs' });
  return builder;
}

function run({ outputDir }: { outputDir: string }, ...args: string[]) {
  return runCommand(exportCommand(), '--output-dir', outputDir, ...args);
}

describe('archer export', () => {
  for (const [format, ending] of Object.entries({
    ...{ parquet: 'parquet', 'arrow-file': 'arrow', csv: 'csv' },
    ...{ 'otlp-jsonl': 'jsonl', 'otlp-proto': 'binpb' },
  })) {
    it(`${format}: into a folder, a file for each signal that has rows`, async () => {
      const output = join(makeFolder(), 'new');
      const found = await run(archive(), '--format', format, '--output', `${output}/`, '--json');
      assert.deepEqual([found.code, found.stderr], [0, []]);
      assert.deepEqual(readdirSync(output).sort(), [`logs.${ending}`, `traces.${ending}`]);
      const { files } = JSON.parse(found.stdout[0] ?? '');
      const isRequests = format.startsWith('otlp');
      assert.deepEqual(
        files.map((file: Record<string, unknown>) => [file.signal, file.rows, file.requests]),
        [
          ['traces', 2, isRequests ? 2 : null],
          ['logs', 1, isRequests ? 1 : null],
        ],
      );
      for (const { file, bytes } of files) assert.equal(statSync(file).size, bytes);
    });
  }

  it('one file: a signal must be chosen, unless only one has rows', async () => {
    const builder = archive();
    const path = join(makeFolder(), 'a.csv');
    const refused = await run(builder, '--format', 'csv', '--output', path);
    assert.equal(refused.code, 2);
    assert.match(
      refused.stderr[0] ?? '',
      /^archer: --output .*a\.csv takes one signal, and traces and logs have rows/,
    );
    assert.equal(existsSync(path), false);
    const chosen = await run(builder, '--format', 'csv', '--output', path, '--signal', 'logs');
    assert.deepEqual([chosen.code, chosen.stderr], [0, []]);
    const only = `${path}2`;
    const found = await run(builder, '--format', 'csv', '--output', only, '--service', 'mail');
    assert.equal(found.code, 0);
    assert.match(found.stdout[0] ?? '', /^1 spans, /);
    const none = `${path}3`;
    const empty = await run(builder, '--format', 'csv', '--output', none, '--service', 'nobody');
    assert.deepEqual([empty.code, empty.stdout], [0, ['0 rows: nothing was written']]);
    const asked = ['--signal', 'metrics', '--format', 'csv', '--output', none];
    assert.equal((await run(builder, ...asked)).code, 0);
    assert.match(readFileSync(none, 'utf8'), /^time,start_time,[^\n]*\r\n$/);
  });

  it('--from, --to and --service choose rows', async () => {
    const builder = archive();
    const rows = async (...args: string[]) => {
      const output = `${makeFolder()}/`;
      const found = await run(builder, '--format', 'csv', '--output', output, '--json', ...args);
      return JSON.parse(found.stdout[0] ?? '').files.map(({ rows }: { rows: number }) => rows);
    };
    assert.deepEqual(await rows('--from', '1970-01-01T00:00:00.00000015Z'), [1, 1]);
    assert.deepEqual(await rows('--to', '1970-01-01T00:00:00.00000015Z'), [1]);
    assert.deepEqual(await rows('--service', 'mail', '--service', 'shop'), [2, 1]);
    assert.deepEqual(await rows('--from', '-15m'), []);
  });

  it('a file that is there is kept, unless --force', async () => {
    const builder = archive();
    const path = join(makeFolder(), 'a.csv');
    const args = ['--format', 'csv', '--signal', 'logs', '--output', path];
    assert.equal((await run(builder, ...args)).code, 0);
    const before = readFileSync(path, 'utf8');
    const refused = await run(builder, ...args, '--from', '-1m');
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr[0] ?? '',
      /a\.csv exists\. Choose another --output, or replace the file with --force\.$/,
    );
    assert.equal(readFileSync(path, 'utf8'), before);
    assert.equal((await run(builder, ...args, '--from', '-1m', '--force')).code, 0);
    assert.equal(readFileSync(path, 'utf8').split('\r\n').length, 2);
  });

  it('wrong usage: exit 2, all at once; no output directory: exit 1', async () => {
    const wrong = await run(
      archive(),
      '--format',
      'csv',
      '--output',
      'x',
      '--from',
      'a',
      '--to',
      'b',
    );
    assert.deepEqual([wrong.code, wrong.stderr.length], [2, 2]);
    const missing = { outputDir: join(makeFolder(), 'missing') };
    const found = await run(missing, '--format', 'csv', '--output', 'x');
    assert.equal(found.code, 1);
    assert.match(found.stderr[0] ?? '', /output_dir .*missing is not a folder\. Run archer record/);
    const unknown = await runArcher(['export', '--format', 'xml', '--output', 'x']);
    assert.equal(unknown.code, 2);
  });

  it('damage: named, the rest written, exit 1', async () => {
    const builder = new ArchiveBuilder();
    const segment = builder.segment([[spansOf('shop', {})], [spansOf('mail', {})]]);
    damageFirstBody(builder.fullPath(segment));
    const output = `${makeFolder()}/`;
    const found = await run(builder, '--format', 'otlp-jsonl', '--output', output);
    assert.equal(found.code, 1);
    assert.match(found.stdout[0] ?? '', /^1 spans of 1 requests/);
    assert.match(
      found.stderr[0] ?? '',
      /^archer: traces\/date=.*\.arrow: at byte \d+: the body does not/,
    );
  });

  it('- is standard output, the summary goes beside; beside a recorder at work', async () => {
    const recorder = await startRecorder();
    await fetch(`http://127.0.0.1:${recorder.ports.http}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: new Uint8Array(spansOf('shop', { name: 'a' }, { name: 'b' })),
    });
    await recorder.post('/api/flush');
    const args = ['export', '--output-dir', recorder.outputDir, '--format', 'otlp-jsonl'];
    const { code, stdout, stderr } = await runArcher([...args, '--output', '-']);
    await recorder.stop();
    assert.equal(code, 0);
    const { resourceSpans } = JSON.parse(stdout);
    assert.equal(resourceSpans[0].scopeSpans[0].spans.length, 2);
    assert.equal(resourceSpans[0].scopeSpans[0].spans[0].traceId, 'ab'.repeat(16));
    assert.match(stderr, /^2 spans of 1 requests, \d+ B: standard output\n$/);
  });
});
