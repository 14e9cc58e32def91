/** Tests `archer import` as a whole: what is in the archive afterwards, and what it says. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Encoder } from '@toondepauw/node-zstd';
import { exportCommand } from '../../src/commands/export.ts';
import { importCommand } from '../../src/commands/import.ts';
import { openArchive } from '../../src/query/archive.ts';
import { type Signal, signals } from '../../src/shared/signal.ts';
import { canonicalRequest } from '../columns/canonical-request.ts';
import { cleanUp, makeFolder, runArcher, startRecorder } from '../recorder/recorder-process.ts';
import { behindLengths } from './import/byte-stream.ts';
import { runCommand } from './run-command.ts';

const fixtures = fileURLToPath(new URL('../../../fixtures/', import.meta.url));
const cli = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'src', 'cli.js');
const environment = { OTLP_WAL_MAX_BYTES: '8MiB', OTLP_RETENTION_MIN_FREE_BYTES: '0' };
Object.assign(process.env, environment);

/** Each with the signals in it. */
const collectorFiles = [
  ['telemetry.jsonl', signals],
  ['telemetry.json.zst', signals],
  ['native/telemetry.jsonl.zst', signals],
  ['traces.binpb', ['traces']],
  ['traces.binpb.zst', ['traces']],
  ['native/traces.binpb.zst', ['traces']],
  ['metrics.binpb', ['metrics']],
  ['logs.binpb', ['logs']],
] as const;

/**
 * What the Collector took in, by its uncompressed protobuf: the requests that it was sent
 * (fixtures/README.md), with an empty body in log records that had none.
 */
function collectedRequests(...wanted: readonly Signal[]): string[] {
  return wanted.flatMap((signal) => {
    const file = readFileSync(`${fixtures}collector/${signal}.binpb`);
    const found: string[] = [];
    for (let start = 0; start < file.length; ) {
      const end = start + 4 + file.readUInt32BE(start);
      found.push(toText(signal, file.subarray(start + 4, end)));
      start = end;
    }
    return found;
  });
}

async function archivedRequests(outputDir: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { signal, bytes } of openArchive(outputDir).requests()) {
    found.push(toText(signal, bytes));
  }
  return found;
}

/** In any order; requests are too long to be shown. */
function assertSame(found: readonly string[], expected: readonly string[]): void {
  assert.equal(found.length, expected.length);
  const [left, right] = [[...found].sort(), [...expected].sort()];
  const wrong = left.findIndex((text, index) => text !== right[index]);
  assert.equal(left[wrong]?.slice(0, 20), undefined, 'a request is not the same');
}

function toText(signal: Signal, bytes: Uint8Array): string {
  return `${signal} ${canonicalRequest(signal, bytes).toString('base64')}`;
}

function importInto(outputDir: string, ...args: string[]) {
  return runCommand(importCommand(), '--output-dir', outputDir, ...args);
}

/** A request with one span, whose id is the number. */
function spanRequest(number: number): Buffer {
  const spanId = number.toString(16).padStart(16, '0');
  const spans = [{ traceId: spanId + spanId, spanId, name: `span ${number}` }];
  return Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
}

async function spanNames(outputDir: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of openArchive(outputDir).spans({ columns: ['name'] })) {
    names.push(String(name));
  }
  return names;
}

describe('import', () => {
  after(cleanUp);

  it('files of the Collector, whatever their form: the requests that it took in', async () => {
    const outputDir = makeFolder();
    const files = collectorFiles.map(([name]) => `${fixtures}collector/${name}`);
    const { code, stderr } = await importInto(outputDir, ...files);
    assert.deepEqual([code, stderr], [0, []]);
    const expected = collectorFiles.flatMap(([, wanted]) => collectedRequests(...wanted));
    assertSame(await archivedRequests(outputDir), expected);
  });

  it('--signal: only the traces; they are those that the SDKs sent', async () => {
    const outputDir = makeFolder();
    const startNs = BigInt(Date.now()) * 1_000_000n;
    await importInto(outputDir, `${fixtures}collector/telemetry.jsonl`, '--signal', 'traces');
    const sent = ['js', 'python', 'go'].map((sdk) => {
      return toText('traces', readFileSync(`${fixtures}requests/${sdk}-sdk-traces.pb`));
    });
    assertSame(await archivedRequests(outputDir), sent);
    for await (const { receivedTime } of openArchive(outputDir).requests()) {
      assert.ok(receivedTime >= startNs - 1_000_000n, 'received_time is that of the import');
    }
  });

  it('exported and imported again: the same requests, in both formats', async () => {
    const source = makeFolder();
    await importInto(source, `${fixtures}collector/telemetry.jsonl`);
    const files: string[] = [];
    for (const format of ['otlp-jsonl', 'otlp-proto']) {
      const folder = join(makeFolder(), '/');
      const args = ['--format', format, '--output', folder, '--output-dir', source];
      assert.equal((await runCommand(exportCommand(), ...args)).code, 0);
      files.push(...readdirSync(folder).map((name) => join(folder, name)));
    }
    assert.equal(files.length, 6);
    const target = makeFolder();
    const { code, stderr } = await importInto(target, ...files);
    assert.deepEqual([code, stderr], [0, []]);
    const requests = await archivedRequests(source);
    assertSame(await archivedRequests(target), [...requests, ...requests]);
  });

  it('through the running recorder, with its credentials, over HTTP and gRPC', async () => {
    for (const listeners of [[], ['--http-enabled', 'false']]) {
      const flags = ['--auth-bearer-tokens', 'secret', ...listeners];
      const recorder = await startRecorder(flags);
      const file = `${fixtures}collector/telemetry.jsonl`;
      const refused = await importInto(recorder.outputDir, file);
      assert.equal(refused.code, 1);
      assert.match(refused.stderr.join('\n'), /takes no requests: .*(401|UNAUTH).*--header/);
      const header = ['--header', 'Authorization=Bearer secret'];
      const { code, stdout } = await importInto(recorder.outputDir, file, '--json', ...header);
      assert.equal(code, 0);
      const summary = JSON.parse(stdout[0]!);
      assert.deepEqual(
        [summary.traces, summary.metrics, summary.logs],
        [
          { requests: 3, items: 15 },
          { requests: 1, items: 14 },
          { requests: 2, items: 24 },
        ],
      );
      await recorder.stop();
      assertSame(await archivedRequests(recorder.outputDir), collectedRequests(...signals));
    }
  });

  it('through a recorder that speaks TLS and demands a certificate', async () => {
    const tls = (name: string) => `${fixtures}tls/${name}.pem`;
    const recorder = await startRecorder([
      ...['--tls-cert-file', tls('server'), '--tls-key-file', tls('server.key')],
      ...['--tls-client-ca-file', tls('authority')],
    ]);
    const { code, stderr } = await importInto(
      ...[recorder.outputDir, `${fixtures}collector/logs.binpb`, '--ca-file', tls('authority')],
      ...['--cert-file', tls('client'), '--key-file', tls('client.key')],
    );
    assert.deepEqual([code, stderr], [0, []]);
    await recorder.stop();
    assertSame(await archivedRequests(recorder.outputDir), collectedRequests('logs'));
  });

  it('says what it skipped and why, imports the rest, and ends with 1', async () => {
    const folder = makeFolder();
    const lines = join(folder, 'odd.jsonl');
    const good = spanRequest(1);
    writeFileSync(
      lines,
      `${good}\nnonsense\n{"resourceProfiles":[]}\n${good}\n${good.subarray(0, 40)}`,
    );
    const counted = join(folder, 'traces.pb');
    const torn = behindLengths(Buffer.from([0x0a, 0xff]), Buffer.alloc(9)).subarray(0, -2);
    writeFileSync(counted, torn);
    const outputDir = join(folder, 'output');
    const { code, stdout, stderr } = await importInto(outputDir, lines, counted);
    assert.equal(code, 1);
    assert.match(stdout[0]!, /imported 2 requests of 2 files into .* skipped 5$/);
    const told = [
      /odd\.jsonl:2: its text is not JSON/,
      /odd\.jsonl:3: it has none of resourceSpans, resourceMetrics, resourceLogs$/,
      /odd\.jsonl:5: the last line is torn: its text is not JSON/,
      /traces\.pb: at byte 0: HTTP 400 /,
      /traces\.pb: at byte 6: the last message is torn: 7 of 9 bytes are there$/,
    ];
    for (const line of told) {
      assert.equal(
        stderr.filter((each) => line.test(each)).length,
        1,
        `${line}\n${stderr.join('\n')}`,
      );
    }
    assert.deepEqual(await spanNames(outputDir), ['span 1', 'span 1']);
  });

  it('wrong usage: exit 2, and nothing is made', async () => {
    const folder = makeFolder();
    const nameless = join(folder, 'data.pb');
    writeFileSync(nameless, behindLengths(Buffer.from([0x0a, 0x00])));
    const outputDir = join(folder, 'output');
    const { code, stderr } = await importInto(outputDir, nameless, folder, join(folder, 'none'));
    assert.equal(code, 2);
    assert.match(
      stderr[0]!,
      /data\.pb has protobuf, which does not name its signal\. Name it with --signal\.$/,
    );
    assert.match(stderr[1]!, /is not a file that can be read/);
    assert.equal(stderr.length, 3);
    assert.equal(existsSync(outputDir), false);
    const { code: done } = await importInto(outputDir, nameless, '--signal', 'logs');
    assert.equal(done, 0);
  });

  it('standard input, as what decompresses a file gives it', async () => {
    const outputDir = makeFolder();
    const args = ['--enable-source-maps', cli, 'import', '-', '--output-dir', outputDir];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.stdin.write(spanRequest(1));
    child.stdin.end(`\n${spanRequest(2)}\n`);
    assert.equal(await ended, 0);
    assert.deepEqual((await spanNames(outputDir)).sort(), ['span 1', 'span 2']);
  });

  it('a large file: memory stays bounded', async () => {
    const folder = makeFolder();
    const file = join(folder, 'large.jsonl');
    const text = 'x'.repeat(100_000);
    const span = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), name: text };
    const line = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
    writeFileSync(file, `${line}\n`.repeat(1_000));
    // Without a log: the recorder's memory and disk are not what is looked at.
    const recorder = await startRecorder(['--durability', 'received']);
    const script = `
      const { importCommand } = await import('${new URL('../../src/commands/import.js', import.meta.url)}');
      await importCommand().parseAsync(process.argv.slice(1), { from: 'user' });
      console.log(process.resourceUsage().maxRSS);`;
    const args = [
      '--input-type=module',
      '-e',
      script,
      '--',
      file,
      '--output-dir',
      recorder.outputDir,
    ];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let stdout = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    assert.equal(await new Promise((resolve) => child.once('close', resolve)), 0);
    await recorder.stop('SIGKILL');
    assert.match(stdout, /imported 1000 requests/);
    const maxRssMiB = Number(stdout.trim().split('\n').at(-1)) / 1024;
    assert.ok(maxRssMiB < 200, `${maxRssMiB} MiB for a file of 100 MB`);
  });

  it('killed in the middle, and imported again: everything is there, at most twice', async () => {
    const folder = makeFolder();
    const file = join(folder, 'many.jsonl.zst');
    const count = 1_000;
    const blocks: Buffer[] = [];
    const countPerFrame = 250;
    for (let start = 0; start < count; start += countPerFrame) {
      const lines = Array.from(
        { length: countPerFrame },
        (_, index) => `${spanRequest(start + index)}\n`,
      );
      blocks.push(new Encoder(1).encodeSync(Buffer.from(lines.join(''))));
    }
    writeFileSync(file, Buffer.concat(blocks));
    const outputDir = join(folder, 'output');
    const child = spawn(process.execPath, [cli, 'import', file, '--output-dir', outputDir], {
      env: { ...process.env, OTLP_BATCH_MAX_ROWS: '100' },
      stdio: 'ignore',
    });
    const died = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
    while (!existsSync(join(outputDir, 'traces'))) await sleep(5);
    child.kill('SIGKILL');
    assert.equal(await died, 'SIGKILL');
    const again = await runArcher(['import', file, '--output-dir', outputDir], environment);
    assert.equal(again.code, 0, again.stderr);
    const times = new Map<string, number>();
    for (const name of await spanNames(outputDir)) times.set(name, (times.get(name) ?? 0) + 1);
    assert.equal(times.size, count);
    assert.equal(Math.max(...times.values()), 2);
  });
});
