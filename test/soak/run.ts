/**
 * Runs a recorder for `--minutes` with everything at once: load over HTTP and gRPC, forwarding,
 * rotation, retention, reloads of the configuration, flushes and readers. Fails if its memory, open
 * files or threads grow, if a command fails, or if a row is lost.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { itemNames, signals } from '../../src/shared/signal.ts';
import { openFakeDestination } from '../client/fake-destination.ts';
import {
  type CommandResult,
  cleanUp,
  makeFolder,
  type RecorderProcess,
  runArcher,
  startRecorder,
} from '../recorder/recorder-process.ts';
import { type Sample, trendsOf } from './trend.ts';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '2' } } });
const minutes = Number(values.minutes);
if (!(minutes >= 1)) {
  console.error('--minutes takes a number from 1 on: how long the recorder runs.');
  process.exit(2);
}
if (process.platform !== 'linux') {
  console.log('NOT RUN: open files and memory are read below /proc, which only Linux has');
  process.exit(0);
}

const durationMs = minutes * 60_000;
/** Until then caches fill, V8 compiles, and the heap finds its size. */
const warmUpMs = Math.max(durationMs / 4, 25_000);
const sampleMs = 1_000;
/** Spans per second of each sender, with their log records. */
const rate = 400;

try {
  process.exitCode = await soak();
} finally {
  cleanUp();
}

async function soak(): Promise<number> {
  const destination = await openFakeDestination('http');
  let forwardedCount = 0;
  // Keeps no request: this process runs as long as the recorder.
  destination.script.take = () => {
    forwardedCount++;
  };
  const folder = makeFolder();
  const configFile = join(folder, 'archer.yaml');
  writeConfig(configFile, destination.port, 0);
  const outputDir = join(folder, 'output');
  mkdirSync(outputDir);
  const flags = ['--config', configFile, '--batch-max-age', '1s', '--rotation-max-bytes', '256KiB'];
  const recorder = await startRecorder(flags, outputDir);
  const samples: Sample[] = [];
  const problems: string[] = [];
  const load = runLoad(recorder);
  const endMs = performance.now() + durationMs;
  const disturbing = disturb(recorder, configFile, destination.port, endMs, problems);
  for (let nextMs = performance.now(); nextMs < endMs; nextMs += sampleMs) {
    await sleep(Math.max(nextMs - performance.now(), 0));
    if (nextMs > endMs - durationMs + warmUpMs) samples.push(look(recorder.child.pid!));
  }
  await disturbing;
  const results = await load;
  const { code, lines } = await recorder.stop();
  await destination.close();
  if (code !== 0)
    problems.push(`the recorder ended with ${code}: ${recorder.stderr().slice(-500)}`);
  problems.push(...missing(recorder.stderr(), forwardedCount));
  problems.push(...lostRows(results, lines.at(-1) ?? '{}'), ...growth(samples));
  console.log(`${forwardedCount} requests were forwarded`);
  for (const problem of problems) console.log(`FAILED: ${problem}`);
  return problems.length === 0 ? 0 : 1;
}

/** Names what should have happened and did not: the soak would then prove less than it says. */
function missing(log: string, forwardedCount: number): string[] {
  return [
    ...(forwardedCount > 0 ? [] : ['nothing was forwarded']),
    ...(/SIGHUP: applied/.test(log) ? [] : ['no SIGHUP was applied']),
    ...(/has changed: applied/.test(log) ? [] : ['no change of the file was applied']),
    ...(/"reason":"bytes"/.test(log) ? [] : ['no segment was rotated by its size']),
    ...(/retention deleted/.test(log) ? [] : ['retention deleted nothing']),
  ];
}

/** Each version differs in a setting that a reload takes up at once. */
function writeConfig(path: string, port: number, version: number): void {
  const lines = [
    `retention: {max_bytes: ${2 + (version % 2)}MiB}`,
    'forwarding:',
    `  - {name: soak, endpoint: "http://127.0.0.1:${port}", concurrency: ${1 + (version % 4)}}`,
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
}

function runLoad({ ports }: RecorderProcess): Promise<CommandResult[]> {
  const amount = ['--rate', String(rate), '--duration', `${Math.round(durationMs / 1000)}s`];
  const protocols = { 'http/protobuf': ports.http, 'http/json': ports.http, grpc: ports.grpc };
  const senders = Object.entries(protocols).map(([protocol, port]) => {
    const endpoint = ['--endpoint', `http://127.0.0.1:${port}`, '--protocol', protocol];
    return runArcher(['generate', ...endpoint, ...amount, '--metric-interval', '2s', '--json']);
  });
  return Promise.all(senders);
}

/** Does one thing after the other, again and again. */
async function disturb(
  { ports, post, child, outputDir }: RecorderProcess,
  configFile: string,
  destinationPort: number,
  endMs: number,
  problems: string[],
): Promise<void> {
  const read = async (...args: string[]) => {
    const { code, stderr } = await runArcher([...args, '--output-dir', outputDir]);
    // Retention may delete a segment while it is read, which export names.
    if (code !== 0 && code !== 1) problems.push(`${args[0]} ended with ${code}: ${stderr}`);
  };
  const page = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${ports.dashboard}${path}`);
    const text = await response.text();
    if (!response.ok) problems.push(`${path} answered ${response.status}: ${text}`);
  };
  const things: readonly ((version: number) => unknown)[] = [
    () => post('/api/flush'),
    (version) => writeConfig(configFile, destinationPort, version),
    () => read('ls'),
    () => post('/api/rotate'),
    () => page('/metrics'),
    (version) => {
      writeConfig(configFile, destinationPort, version);
      child.kill('SIGHUP');
    },
    () => read('export', '--format', 'otlp-jsonl', '--signal', 'traces', '--output', '-'),
    () => page('/health'),
  ];
  for (let count = 0; performance.now() < endMs; count++) {
    const version = Math.ceil((2 * count) / things.length);
    await things[count % things.length]!(version);
    await sleep(500);
  }
}

function look(processId: number): Sample {
  const status = readFileSync(`/proc/${processId}/status`, 'latin1');
  return {
    rssBytes: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024,
    openFiles: readdirSync(`/proc/${processId}/fd`).length,
    threads: readdirSync(`/proc/${processId}/task`).length,
  };
}

/** What was acknowledged must be what the recorder has recorded. */
function lostRows(results: readonly CommandResult[], lastLine: string): string[] {
  const failed = results.filter(({ code }) => code !== 0);
  if (failed.length > 0) return failed.map(({ stderr }) => `a sender failed: ${stderr}`);
  const { rows = {} } = JSON.parse(lastLine);
  return signals.flatMap((signal) => {
    const acknowledged = results.reduce((sum, { stdout }) => {
      return sum + JSON.parse(stdout)[signal].acknowledged;
    }, 0);
    console.log(`${acknowledged} ${itemNames[signal]} were acknowledged`);
    if (rows[signal] === acknowledged) return [];
    return [`${acknowledged} ${itemNames[signal]} acknowledged, ${rows[signal]} recorded`];
  });
}

function growth(samples: readonly Sample[]): string[] {
  const trends = trendsOf(samples);
  for (const { quantity, first, last } of trends) {
    console.log(`${quantity}: ${first} in the first third, ${last} in the last third`);
  }
  return trends
    .filter(({ isGrowth }) => isGrowth)
    .map(({ quantity, first, last }) => `${quantity} grew from ${first} to ${last}`);
}
