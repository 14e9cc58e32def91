/**
 * What it costs to notice that somebody deletes or moves files of the archive, while one of them
 * grows; beside chokidar on the same folder.
 */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { watch } from 'chokidar';
import { watchArchive } from '../src/disk/archive-watcher.ts';
import { segmentPath } from '../src/disk/layout.ts';
import { signals } from '../src/shared/signal.ts';

const isQuick = process.env.BENCH_QUICK === '1';
const segmentCount = isQuick ? 100 : 1_000;
const appendCount = isQuick ? 10 : 50;
const appendPauseMs = 100;
const roundCount = isQuick ? 1 : 3;
const firstReceivedMs = Date.UTC(2026, 0, 31);

interface Watching {
  close(): unknown;
}

async function archive(outputDir: string, active: string): Promise<Watching> {
  const watcher = await watchArchive(outputDir, signals, () => {});
  watcher.setActive([active]);
  return watcher;
}

async function chokidar(outputDir: string): Promise<Watching> {
  const watcher = watch(join(outputDir, 'traces'), { ignoreInitial: true });
  await new Promise<void>((resolve) => watcher.once('ready', resolve));
  return watcher;
}

/** CPU milliseconds a second while one file of the folder grows ten times a second. */
async function costOf(open: typeof archive): Promise<number> {
  const outputDir = mkdtempSync(join(tmpdir(), 'archer-watch-'));
  const paths = Array.from({ length: segmentCount }, (_, index) =>
    segmentPath({ signal: 'traces', firstReceivedMs, number: index + 1 }),
  );
  mkdirSync(join(outputDir, paths[0]!, '..'), { recursive: true });
  for (const path of paths) writeFileSync(join(outputDir, path), 'x');
  const active = paths.at(-1)!;
  const watching = await open(outputDir, active);
  await sleep(500);
  const before = process.cpuUsage();
  const startMs = performance.now();
  for (let count = 0; count < appendCount; count++) {
    appendFileSync(join(outputDir, active), 'x');
    await sleep(appendPauseMs);
  }
  const { user, system } = process.cpuUsage(before);
  const seconds = (performance.now() - startMs) / 1000;
  await watching.close();
  rmSync(outputDir, { recursive: true });
  return (user + system) / 1000 / seconds;
}

console.log(`${segmentCount} segments in a folder, one growing ten times a second\n`);
console.log('| Archer, CPU ms/s | chokidar, CPU ms/s | chokidar / Archer |');
console.log('| --- | --- | --- |');
for (let round = 0; round < roundCount; round++) {
  const [own, rival] = [await costOf(archive), await costOf(chokidar)];
  console.log(`| ${own.toFixed(1)} | ${rival.toFixed(1)} | ${(rival / own).toFixed(1)} |`);
}
