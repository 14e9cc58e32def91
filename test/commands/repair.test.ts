/** `archer repair` ends torn segments, leaves others alone, and says what it did. */
import assert from 'node:assert/strict';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { repairCommand } from '../../src/commands/repair.ts';
import { verifyCommand } from '../../src/commands/verify.ts';
import { takeDirectoryLock } from '../../src/disk/lock/directory-lock.ts';
import { systemProcesses } from '../../src/disk/lock/process-identity.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { temporaryFolders } from '../disk/temporary-folder.ts';
import { runCommand } from './run-command.ts';
import { type SpanSegment, writeSpanSegment } from './span-segment.ts';

const newFolder = temporaryFolders();

function repair(...args: string[]) {
  return runCommand(repairCommand(), ...args);
}

/** The last bytes of its second batch are missing. */
function writeTornSegment(outputDir: string): SpanSegment & { readonly bytes: number } {
  const segment = writeSpanSegment(outputDir, 1, false);
  const bytes = readFileSync(segment.path).length - 10;
  truncateSync(segment.path, bytes);
  return { ...segment, bytes };
}

async function hold(outputDir: string) {
  const processes = systemProcesses(nodeStorage);
  const options = { storage: nodeStorage, outputDir, processes, clock: systemClock };
  const attempt = await takeDirectoryLock(options);
  assert.ok(attempt.kind === 'taken');
  return attempt.lock;
}

describe('archer repair', () => {
  it('a torn segment: is cut and ended, and is then sound', async () => {
    const outputDir = newFolder();
    mkdirSync(join(outputDir, '.archer'));
    const { path, bytes, lastPositions } = writeTornSegment(outputDir);
    const { code, stdout, stderr } = await repair(path);
    const kept = readFileSync(path).length - 8;
    assert.deepEqual([code, stderr], [0, []]);
    assert.equal(stdout.length, 2);
    assert.ok(
      stdout[0]?.startsWith(`${path}: cut ${bytes - kept} bytes, the end mark is set, 1 batch`),
    );
    const [, to] = lastPositions;
    assert.match(
      stdout[1] ?? '',
      new RegExp(`requests between positions \\d+ and ${to} of lane 0 were in it$`),
    );
    assert.equal((await runCommand(verifyCommand(), path)).code, 0);
    assert.deepEqual(readdirSync(join(outputDir, '.archer')), []);
  });

  it('--json: the same in fields', async () => {
    const { path, bytes, lastPositions } = writeTornSegment(newFolder());
    const { stdout } = await repair(path, '--json');
    const [found] = JSON.parse(stdout.join(''));
    const { length } = readFileSync(path);
    assert.equal(found.file, path);
    assert.deepEqual(
      [found.action, found.bytes, found.cut_bytes],
      ['end', length, bytes - length + 8],
    );
    assert.deepEqual([found.lost.lane, found.lost.to], [0, String(lastPositions[1])]);
    assert.deepEqual([found.batches, found.damaged, found.problem], [1, [], null]);
  });

  it('a sealed segment that is whole: is not touched', async () => {
    const { path, rows } = writeSpanSegment(newFolder());
    const before = readFileSync(path);
    const { code, stdout } = await repair(path);
    assert.deepEqual(
      [code, stdout],
      [0, [`${path}: nothing is torn, 2 batches with ${rows} rows are kept`]],
    );
    assert.deepEqual(readFileSync(path), before);
  });

  it('a whole segment of a dead recorder: gets its end mark', async () => {
    const { path, rows } = writeSpanSegment(newFolder(), 1, false);
    const { code, stdout } = await repair(path);
    const kept = `2 batches with ${rows} rows are kept`;
    assert.deepEqual(
      [code, stdout],
      [0, [`${path}: nothing had to be cut, the end mark is set, ${kept}`]],
    );
    assert.equal((await repair(path)).stdout[0], `${path}: nothing is torn, ${kept}`);
  });

  it('a file that a live recorder may be writing: exit 2, and it is not touched', async () => {
    const outputDir = newFolder();
    const { path, bytes } = writeTornSegment(outputDir);
    const lock = await hold(outputDir);
    lock.setPorts({ grpc: 4317, http: 4318, dashboard: null });
    const { code, stdout, stderr } = await repair(path);
    assert.deepEqual([code, stdout], [2, []]);
    assert.deepEqual(stderr, [
      `archer: ${path} may be in use: process ${process.pid} (OTLP/HTTP on port 4318) holds ${outputDir}. ` +
        'Stop that process first, or repair a copy.',
    ]);
    assert.equal(readFileSync(path).length, bytes);
    lock.release();
    assert.equal((await repair(path)).code, 0);
  });

  it('a sealed segment, or a copy elsewhere, while a recorder runs: needs no refusal', async () => {
    const outputDir = newFolder();
    const { path } = writeTornSegment(outputDir);
    const sealed = writeSpanSegment(outputDir, 2);
    const copy = join(newFolder(), basename(path));
    copyFileSync(path, copy);
    const lock = await hold(outputDir);
    assert.equal((await repair(sealed.path)).code, 0);
    assert.equal((await repair(copy)).code, 0);
    lock.release();
  });

  it('a file without a whole schema: exit 1, and the others are repaired', async () => {
    const { path: torn } = writeTornSegment(newFolder());
    const { path: hopeless } = writeSpanSegment(newFolder());
    truncateSync(hopeless, 100);
    const { code, stdout, stderr } = await repair(hopeless, torn);
    assert.deepEqual(stderr, [
      `archer: ${hopeless} has no whole schema message. The file is unchanged.`,
    ]);
    assert.deepEqual([code, stdout.length, readFileSync(hopeless).length], [1, 2, 100]);
  });

  it('a batch that is damaged and stays: is named, exit 1', async () => {
    const { path } = writeSpanSegment(newFolder());
    const bytes = readFileSync(path);
    bytes[bytes.length - 20]! ^= 1;
    writeFileSync(path, bytes);
    const { code, stdout } = await repair(path);
    assert.equal(code, 1);
    assert.match(stdout[1] ?? '', /: the batch at byte \d+ is damaged and stays$/);
    assert.deepEqual(readFileSync(path), bytes);
  });

  it('a path that is no file: exit 2, before anything is touched', async () => {
    const outputDir = newFolder();
    const { path, bytes } = writeTornSegment(outputDir);
    const { code, stderr } = await repair(path, outputDir, join(outputDir, 'none'));
    assert.equal(code, 2);
    assert.deepEqual(stderr, [
      `archer: ${outputDir} is not a file that can be read. Name a segment.`,
      `archer: ${join(outputDir, 'none')} is not a file that can be read. Name a segment.`,
    ]);
    assert.equal(readFileSync(path).length, bytes);
  });
});
