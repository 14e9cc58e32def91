/**
 * Measures what durability costs: the same load with each `durability`, in turns. The recorder that
 * keeps its requests in memory only is the rival of the two that log them. Then it measures how
 * fast a log is recovered after kill -9, compared with how fast the same requests were recorded.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, startRecorder } from '../test/recorder/recorder-process.ts';
import { compareTargets, inBenchFolder, isQuick } from './comparison.ts';
import { buildCorpus } from './corpus.ts';
import { prepareConnections } from './load-connection.ts';
import { recorderTarget } from './target.ts';

const targets = (['logged', 'received', 'synced'] as const).map((durability) =>
  recorderTarget(`Archer, ${durability}`, ['--durability', durability]),
);

/** Size of what only the log holds when the recorder is killed. */
const requestCount = isQuick ? 20 : 400;
const spansPerRequest = 1000;
const logBytesMax = '512MiB';
const roundCount = isQuick ? 1 : 3;

/** Everything stays in the columns: no batch is due before the kill. */
const holdAll = [
  ...['--batch-max-rows', '1000000', '--batch-max-age', '1h', '--batch-max-bytes', '1GiB'],
  ...['--wal-max-bytes', logBytesMax],
];
const asUsual = ['--wal-max-bytes', logBytesMax];

await inBenchFolder(async (folder) => {
  for (const spansPerRequest of isQuick ? [1000] : [1000, 100]) {
    const scenario = { transport: 'http', spansPerRequest } as const;
    const scenarioFolder = join(folder, String(spansPerRequest));
    mkdirSync(scenarioFolder);
    await compareTargets(scenarioFolder, scenario, targets);
  }
  await compareRecovery();
});

/** Recovery needs the whole log: 400 requests are about 190 MB. The goal is 200 MB/s. */
async function compareRecovery(): Promise<void> {
  const corpus = buildCorpus({ spansPerRequest, requestCount: 40, seed: 7 });
  const bytes = Array.from({ length: requestCount }, (_, index) => corpus[index % corpus.length]!)
    .map((request) => request.byteLength)
    .reduce((sum, length) => sum + length, 0);
  console.log(`\nA log of ${(bytes / 1e6).toFixed(0)} MB, MB/s\n`);
  console.log('| recorded when it came | recorded again after kill -9 | ratio |');
  console.log('| --- | --- | --- |');
  for (let round = 0; round < roundCount; round++) {
    const live = bytes / 1e6 / (await secondsToRecord(corpus));
    const again = bytes / 1e6 / (await secondsToRecover(corpus));
    const cells = [live.toFixed(0), again.toFixed(0), (again / live).toFixed(2)];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

/** Time from the first request until all requests are in segments. */
async function secondsToRecord(corpus: readonly Buffer[]): Promise<number> {
  const recorder = await startRecorder(asUsual);
  const startMs = performance.now();
  await sendAll(recorder.ports.http, corpus);
  await recorder.post('/api/flush');
  const seconds = (performance.now() - startMs) / 1000;
  await recorder.stop();
  return seconds;
}

/**
 * Time from the start of the process until it listens, which it does when everything is in
 * segments; less the time of a start without recovery.
 */
async function secondsToRecover(corpus: readonly Buffer[]): Promise<number> {
  const outputDir = makeFolder();
  const first = await startRecorder(holdAll, outputDir);
  await sendAll(first.ports.http, corpus);
  await first.stop('SIGKILL');
  const withLog = await secondsToStart(outputDir);
  const without = await secondsToStart(outputDir);
  return withLog - without;
}

async function secondsToStart(outputDir: string): Promise<number> {
  const startMs = performance.now();
  const recorder = await startRecorder(asUsual, outputDir);
  const seconds = (performance.now() - startMs) / 1000;
  await recorder.stop();
  return seconds;
}

async function sendAll(port: number, corpus: readonly Buffer[]): Promise<void> {
  const open = prepareConnections('http', corpus);
  const connections = await Promise.all(Array.from({ length: 8 }, () => open(port)));
  let sent = 0;
  await Promise.all(
    connections.map(async (connection) => {
      while (sent < requestCount) {
        if (!(await connection.send(sent++))) throw new Error('a request was refused');
      }
    }),
  );
  for (const connection of connections) connection.close();
}
