/** `archer verify` finds the files, says their faults and ends as they deserve. */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { verifyCommand } from '../../src/commands/verify.ts';
import { type DirectoryLock, takeDirectoryLock } from '../../src/disk/lock/directory-lock.ts';
import { systemProcesses } from '../../src/disk/lock/process-identity.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { appendGroup, openLog } from '../disk/example-log.ts';
import { temporaryFolders } from '../disk/temporary-folder.ts';
import { runCommand } from './run-command.ts';
import { writeSpanSegment } from './span-segment.ts';

const newFolder = temporaryFolders();

function verify(...args: string[]) {
  return runCommand(verifyCommand(), ...args);
}

async function lock(outputDir: string): Promise<DirectoryLock> {
  const processes = systemProcesses(nodeStorage);
  const attempt = await takeDirectoryLock({
    ...{ storage: nodeStorage, outputDir, processes, clock: systemClock },
  });
  assert.ok(attempt.kind === 'taken');
  return attempt.lock;
}

describe('archer verify', () => {
  it('a sound directory: a summary, and exit 0', async () => {
    const outputDir = newFolder();
    const { rows } = writeSpanSegment(outputDir);
    const { code, stdout, stderr } = await verify('--output-dir', outputDir);
    assert.deepEqual([code, stderr, stdout.length], [0, [], 1]);
    assert.match(stdout[0] ?? '', new RegExp(`^1 segment, ${rows} rows, [\\d.]+ KiB: no fault$`));
  });

  it('--verbose: a line for each file, the active one named as such', async () => {
    const outputDir = newFolder();
    const sealed = writeSpanSegment(outputDir, 1);
    const active = writeSpanSegment(outputDir, 2, false);
    const { code, stdout } = await verify(outputDir, '--verbose');
    const lines = stdout.map((line) => line.replace(/[\d.]+ KiB/, 'SIZE'));
    assert.equal(code, 0);
    assert.deepEqual(lines, [
      `${sealed.path}: sealed, 2 batches, ${sealed.rows} rows, SIZE`,
      `${active.path}: active, 2 batches, ${active.rows} rows, SIZE`,
      `2 segments (1 active), ${sealed.rows * 2} rows, SIZE: no fault`,
    ]);
  });

  it('a changed byte: a line with path, offset and fault, and exit 1', async () => {
    const outputDir = newFolder();
    const { path, rows } = writeSpanSegment(outputDir);
    const bytes = readFileSync(path);
    bytes[bytes.length - 20]! ^= 1;
    writeFileSync(path, bytes);
    const { code, stdout } = await verify(path);
    assert.equal(code, 1);
    assert.match(
      stdout[0] ?? '',
      /: at byte \d+: the body does not have the checksum of archer.crc32$/,
    );
    assert.ok(stdout[0]?.startsWith(path));
    assert.match(stdout.at(-1) ?? '', new RegExp(`${rows} rows, .*: \\d faults? in 1 file$`));
  });

  it('--json: an array with each file and its faults', async () => {
    const outputDir = newFolder();
    const { path, rows } = writeSpanSegment(outputDir);
    appendFileSync(path, 'x');
    const { code, stdout } = await verify(outputDir, '--json');
    const { length } = readFileSync(path);
    const what = 'the last 1 bytes are no part of the stream: bytes follow the end mark';
    assert.equal(code, 1);
    assert.deepEqual(JSON.parse(stdout.join('\n')), [
      {
        ...{ file: path, kind: 'segment', state: 'torn', bytes: length, batches: 2, rows },
        faults: [{ code: 'ERR_ARCHER_SEGMENT_TORN', offset: length - 1, what }],
      },
    ]);
  });

  it('a path that is not there: exit 2, and nothing is read', async () => {
    const outputDir = newFolder();
    writeSpanSegment(outputDir);
    const missing = join(outputDir, 'nothing');
    const { code, stdout, stderr } = await verify(outputDir, missing);
    assert.deepEqual([code, stdout], [2, []]);
    assert.deepEqual(stderr, [
      `archer: ${missing} is not a file that can be read. Name a file or a folder that exists.`,
    ]);
  });

  it('a bad setting: exit 2', async () => {
    const { code, stderr } = await verify('--output-dir', '');
    assert.equal(code, 2);
    assert.match(stderr.join(), /^archer: --output-dir/);
  });

  it('a folder: what has no segment’s name is passed over, what was set aside too', async () => {
    const outputDir = newFolder();
    const { path } = writeSpanSegment(outputDir);
    writeFileSync(join(dirname(path), 'notes.arrow'), 'not a segment');
    const damaged = join(outputDir, '.archer', 'damaged');
    mkdirSync(damaged, { recursive: true });
    cpSync(path, join(damaged, 'traces-20261121T085305.123Z-000009.arrow'));
    truncateSync(join(damaged, 'traces-20261121T085305.123Z-000009.arrow'), 5000);
    assert.equal((await verify(outputDir)).code, 0);
    const asked = await verify(damaged);
    assert.deepEqual([asked.code, asked.stdout.length], [1, 2]);
    assert.equal((await verify(join(dirname(path), 'notes.arrow'))).code, 1);
  });

  it('the log: its files are looked at too, and a changed byte in one is a fault', async () => {
    const outputDir = newFolder();
    writeSpanSegment(outputDir);
    const folder = join(outputDir, '.archer', 'wal', 'lane-3');
    const log = openLog(nodeStorage, folder);
    appendGroup(log, 1, [500, 700, 300]);
    log.close();
    assert.match(
      (await verify(outputDir)).stdout[0] ?? '',
      /^8 log files, 1 segment, .* no fault$/,
    );
    const path = join(folder, '0001.log');
    const bytes = readFileSync(path);
    bytes[200]! ^= 1;
    writeFileSync(path, bytes);
    const { code, stdout } = await verify(outputDir);
    const fault = `${path}: at byte 64: 544 bytes between two frames are no frame`;
    assert.deepEqual([code, stdout[0]], [1, fault]);
  });

  it('a link to a folder: is followed when it is named', async () => {
    const outputDir = newFolder();
    writeSpanSegment(outputDir);
    const link = join(newFolder(), 'link');
    symlinkSync(outputDir, link);
    assert.match((await verify(link)).stdout[0] ?? '', /^1 segment,/);
  });

  it('an empty directory: no files, no fault', async () => {
    const { code, stdout } = await verify(newFolder());
    assert.deepEqual([code, stdout], [0, ['no files, 0 rows, 0 B: no fault']]);
  });

  it('a torn file while a recorder is at it: is looked at again before it is said', async () => {
    const outputDir = newFolder();
    const { path, rows } = writeSpanSegment(outputDir, 1, false);
    const whole = readFileSync(path);
    const held = await lock(outputDir);
    truncateSync(path, whole.length - 10);
    const appended = verify(outputDir);
    writeFileSync(path, whole);
    const { code, stdout } = await appended;
    assert.equal(code, 0);
    assert.match(stdout[0] ?? '', new RegExp(`^1 segment \\(1 active\\), ${rows} rows`));
    truncateSync(path, whole.length - 10);
    assert.equal((await verify(outputDir)).code, 1);
    held.release();
    assert.equal((await verify(outputDir)).code, 1);
    rmSync(outputDir, { recursive: true });
  });
});
