/** What a recorder writes, seals and deletes while it runs, seen from outside. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { RecordBatchReader } from 'apache-arrow';
import { segmentFiles } from '../../src/disk/segment/segment-files.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { referenceRows } from '../columns/reference-rows.ts';
import { readArchive } from '../query/recorded-rows.ts';
import {
  cleanUp,
  makeFolder,
  type RecorderProcess,
  runArcher,
  startRecorder,
} from './recorder-process.ts';

const fixtures = fileURLToPath(new URL('../../../fixtures/requests', import.meta.url));
const request = readFileSync(join(fixtures, 'go-sdk-traces.pb'));
const spanCount = referenceRows(request).length;
const everySecond = '* * * * * *';

after(cleanUp);

async function post(recorder: RecorderProcess): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${recorder.ports.http}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(request),
  });
  assert.equal(response.status, 200, await response.text());
}

/** One request after the other until told to stop; returns how many. */
function load(recorder: RecorderProcess, pauseMs = 0): () => Promise<number> {
  let isStopped = false;
  let count = 0;
  const sending = (async () => {
    while (!isStopped) {
      await post(recorder);
      count += 1;
      await sleep(pauseMs);
    }
  })();
  return async () => {
    isStopped = true;
    await sending;
    return count;
  };
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const startMs = performance.now();
  while (!(await holds())) {
    assert.ok(performance.now() - startMs < 15_000, `never: ${what}`);
    await sleep(50);
  }
}

function pathsIn(outputDir: string): string[] {
  return segmentFiles(nodeStorage, outputDir, ['traces']).map(({ path }) => path);
}

function isArrowFile(path: string): boolean {
  return readFileSync(path).subarray(0, 6).toString() === 'ARROW1';
}

async function scrape(recorder: RecorderProcess, series: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${recorder.ports.dashboard}/metrics`);
  const line = (await answer.text()).split('\n').find((text) => text.startsWith(`${series} `));
  return Number(line?.split(' ')[1] ?? 0);
}

describe('retention of a running recorder', () => {
  it('short ages: segments come and go, and what is not ours stays', async () => {
    const flags = ['--retention-max-age', '1s', '--retention-schedule', everySecond];
    const rotation = ['--rotation-max-age', '300ms', '--batch-max-age', '100ms'];
    const recorder = await startRecorder([...flags, ...rotation]);
    const { outputDir } = recorder;
    const date = join(outputDir, 'traces', 'date=2020-01-01');
    mkdirSync(date, { recursive: true });
    const foreign = join(date, 'traces-20200101T000000.000Z-000001.arrow');
    writeFileSync(foreign, 'of somebody else');
    symlinkSync(foreign, join(date, 'traces-20200101T000000.000Z-000002.arrow'));
    mkdirSync(join(outputDir, 'traces', 'date=2020-01-02'));
    const stop = load(recorder, 50);
    const own = () => pathsIn(outputDir).filter((path) => !foreign.endsWith(path));
    const first = await new Promise<string>((resolve) => {
      void until('a segment', () => {
        const [path] = own();
        if (path !== undefined) resolve(path);
        return path !== undefined;
      });
    });
    await until('the first one goes', () => !existsSync(join(outputDir, first)));
    assert.ok(own().length > 0, 'younger ones are there');
    await stop();
    await until('all sealed ones go', () => own().length === 0);
    const label = '{signal="traces",reason="age"}';
    assert.ok((await scrape(recorder, `archer_retention_deleted_segments_total${label}`)) > 2);
    assert.ok((await scrape(recorder, `archer_retention_deleted_bytes_total${label}`)) > 1000);
    assert.equal(readFileSync(foreign, 'utf8'), 'of somebody else');
    assert.equal(readdirSync(date).length, 2);
    assert.ok(!existsSync(join(outputDir, 'traces', 'date=2020-01-02')), 'an empty folder goes');
    const { code } = await recorder.stop();
    assert.equal(code, 0);
  });

  it('bytes: the folder stays within its limit, the newest segments stay', async () => {
    const limitBytes = 64 * 1024;
    const recorder = await startRecorder([
      ...['--rotation-max-bytes', '8KiB', '--batch-max-rows', '100', '--batch-max-age', '20ms'],
      ...['--retention-max-bytes', '64KiB', '--retention-schedule', everySecond],
    ]);
    const { outputDir } = recorder;
    const stop = load(recorder);
    await sleep(2_000);
    await stop();
    await recorder.post('/api/rotate');
    const bytes = () =>
      pathsIn(outputDir).reduce((sum, path) => {
        return sum + (statSync(join(outputDir, path), { throwIfNoEntry: false })?.size ?? 0);
      }, 0);
    await until('the folder is within its limit', () => bytes() <= limitBytes);
    assert.ok(bytes() > limitBytes / 2, `${bytes()} bytes are left`);
    const rows = readArchive(outputDir);
    const ids = rows.map((row) => row.batch_id);
    assert.ok(ids[0]! > 1n, 'the oldest are gone');
    assert.deepEqual(
      [...ids].sort((a, b) => (a < b ? -1 : 1)),
      ids,
    );
    const { stdout } = await runArcher(['ls', '--output-dir', outputDir, '--json']);
    assert.equal(JSON.parse(stdout).length, pathsIn(outputDir).length);
    await recorder.stop();
  });
});

describe('rotation of a running recorder', () => {
  it('a schedule: seals what is active, and the journal says why', async () => {
    const recorder = await startRecorder(['--rotation-schedule', everySecond]);
    const stop = load(recorder, 20);
    await until('two are sealed', () => pathsIn(recorder.outputDir).length > 2);
    await stop();
    await recorder.stop();
    assert.match(recorder.stderr(), /"reason":"schedule"/);
  });

  it('a reader that opens the active file all the time: hardly ever sees it torn', async () => {
    const recorder = await startRecorder([
      ...['--rotation-max-bytes', '256KiB', '--batch-max-rows', '200', '--batch-max-age', '20ms'],
    ]);
    const stop = load(recorder);
    await until('a segment', () => pathsIn(recorder.outputDir).length > 0);
    let tornCount = 0;
    const lookCount = 200;
    const seen = new Set<string>();
    for (let look = 0; look < lookCount; look++) {
      const path = join(recorder.outputDir, pathsIn(recorder.outputDir).at(-1)!);
      seen.add(path);
      if (!isReadable(path)) {
        tornCount += 1;
        await sleep(20);
        assert.ok(isReadable(path), 'the next look succeeds');
      }
      await sleep(5);
    }
    const count = await stop();
    assert.ok(seen.size > 1, `${seen.size} files in ${count} requests`);
    assert.ok(tornCount <= lookCount / 25, `${tornCount} of ${lookCount} looks saw it torn`);
    await recorder.stop();
    assert.equal(readArchive(recorder.outputDir).length, count * spanCount);
  });
});

describe('a reload', () => {
  it('new limits and a new form of segments: are taken up while recording', async () => {
    const config = join(makeFolder(), 'archer.yaml');
    writeFileSync(config, 'retention: {schedule: "* * * * * *"}\n');
    const recorder = await startRecorder(['--config', config, '--batch-max-age', '100ms']);
    const { outputDir } = recorder;
    await post(recorder);
    await recorder.post('/api/rotate');
    const [first = ''] = pathsIn(outputDir);
    const retention = '{schedule: "* * * * * *", max_age: 1s}';
    const rotation = '{seal_format: file, max_age: 300ms, schedule: "0 0 1 1 *"}';
    writeFileSync(config, `retention: ${retention}\nrotation: ${rotation}\n`);
    recorder.child.kill('SIGHUP');
    await until('the old one goes', () => !existsSync(join(outputDir, first)));
    await post(recorder);
    await until('a file', () => {
      const [path] = pathsIn(outputDir);
      return path?.endsWith('.arrow') === true && isArrowFile(join(outputDir, path));
    });
    await recorder.stop();
  });
});

describe('rotation.seal_format: file', () => {
  const flags = ['--rotation-seal-format', 'file', '--batch-max-age', '100ms'];

  it('the active segment is a staged stream, and the sealed ones are files', async () => {
    const recorder = await startRecorder(flags);
    await post(recorder);
    await recorder.post('/api/flush');
    const [active = ''] = pathsIn(recorder.outputDir);
    assert.match(active, /\/_traces-.*\.arrows$/);
    assert.ok(isReadable(join(recorder.outputDir, active)));
    const rotated = (await recorder.post('/api/rotate')) as { sealed: string[] };
    const sealed = active.replace('/_', '/').replace('.arrows', '.arrow');
    assert.deepEqual(rotated.sealed, [sealed]);
    assert.deepEqual(pathsIn(recorder.outputDir), [sealed]);
    assert.ok(isArrowFile(join(recorder.outputDir, sealed)));
    await post(recorder);
    await recorder.stop();
    const paths = pathsIn(recorder.outputDir);
    assert.deepEqual(
      paths.map((path) => basename(path)[0]),
      ['t', 't'],
    );
    assert.ok(paths.every((path) => isArrowFile(join(recorder.outputDir, path))));
    assert.equal(readArchive(recorder.outputDir).length, 2 * spanCount);
    const verified = await runArcher(['verify', recorder.outputDir]);
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
  });

  it('killed under load, again and again: each acknowledged span is there once, in files', async () => {
    const outputDir = makeFolder();
    let acknowledged = 0;
    for (let round = 0; round < 2; round++) {
      const recorder = await startRecorder([...flags, '--rotation-max-bytes', '16KiB'], outputDir);
      const endMs = performance.now() + 500 + 200 * round;
      while (performance.now() < endMs) {
        await post(recorder);
        acknowledged += 1;
      }
      await recorder.stop('SIGKILL');
    }
    const recorder = await startRecorder(flags, outputDir);
    const isFile = (path: string) => isArrowFile(join(outputDir, path));
    await until('all are files', () => pathsIn(outputDir).every(isFile));
    await recorder.stop();
    assert.equal(readArchive(outputDir).length, acknowledged * spanCount);
    assert.deepEqual(readdirSync(join(outputDir, '.archer', 'sealing')), []);
  });
});

/** To its last batch. */
function isReadable(path: string): boolean {
  try {
    const batches = [...RecordBatchReader.from(new Uint8Array(readFileSync(path)))];
    return batches.length > 0;
  } catch {
    return false;
  }
}
