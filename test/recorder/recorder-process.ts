/** A recorder in a process of its own, in a folder of its own; for tests that use it as people do. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const cli = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'src', 'cli.js');

/** A recorder that does neither start nor stop within this is a failure, not a slow machine. */
const answerMsMax = 30_000;

export interface RecorderProcess {
  readonly outputDir: string;
  readonly ports: { readonly grpc: number; readonly http: number; readonly dashboard: number };
  readonly child: ChildProcess;
  /** What it has written to standard error so far. */
  stderr(): string;
  /** POST to the dashboard port; resolves with the answer's JSON. */
  post(path: '/api/flush' | '/api/rotate'): Promise<unknown>;
  /** Sends the signal and resolves with the exit code and the lines of standard output. */
  stop(signal?: NodeJS.Signals): Promise<{ code: number | null; lines: readonly string[] }>;
}

/** A new folder below the system's; gone after `removeFolders`. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'archer-test-'));
  folders.push(folder);
  return folder;
}

const folders: string[] = [];
const running = new Set<ChildProcess>();

/** For `after`: ends what a failed test left running, and removes all folders. */
export function cleanUp(): void {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of archer to its end. */
export function runArcher(
  args: readonly string[],
  environment: Record<string, string> = {},
  wrapper: readonly string[] = [],
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = startArcher(args, environment, wrapper);
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (text) => {
      stdout += text;
    });
    child.stderr?.on('data', (text) => {
      stderr += text;
    });
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** `wrapper` is a command that starts the process, with its arguments. */
function startArcher(
  args: readonly string[],
  environment: Record<string, string>,
  wrapper: readonly string[] = [],
): ChildProcess {
  const [command = process.execPath, ...rest] = [...wrapper, process.execPath, cli, ...args];
  const child = spawn(command, rest, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Free ports, a log that is quickly made, and no look at how full this machine's disk is. */
const testFlags = [
  ...['--grpc-port', '0', '--http-port', '0', '--dashboard-port', '0'],
  ...['--wal-max-bytes', '16MiB', '--retention-min-free-bytes', '0'],
];

/**
 * Starts `archer record` on free ports; `flags` are added to its command line. `onSpawn` gets what
 * sends a signal to the process, before the ports are open.
 */
export async function startRecorder(
  flags: readonly string[] = [],
  outputDir: string = makeFolder(),
  environment: Record<string, string> = {},
  wrapper: readonly string[] = [],
  onSpawn: (kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<RecorderProcess> {
  const args = ['record', '--json', '--output-dir', outputDir, ...testFlags, ...flags];
  const child = startArcher(args, environment, wrapper);
  onSpawn((signal) => child.kill(signal));
  let errors = '';
  child.stderr?.on('data', (text) => {
    errors += text;
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout! });
  const closed = new Promise<void>((resolve) => reader.once('close', resolve));
  const listening = new Promise<RecorderProcess['ports']>((resolve, reject) => {
    reader.on('line', (line) => {
      lines.push(line);
      const event = JSON.parse(line);
      if (event.event === 'listening') resolve(event);
    });
    child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${errors}`)));
    setTimeout(() => reject(new Error(`it did not start: ${errors}`)), answerMsMax).unref();
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const open = await listening;
  return {
    outputDir,
    ports: open,
    child,
    stderr: () => errors,
    post: async (path) => {
      const url = `http://127.0.0.1:${open.dashboard}${path}`;
      const response = await fetch(url, { method: 'POST' });
      return response.json();
    },
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      const late = setTimeout(() => child.kill('SIGKILL'), answerMsMax);
      const code = await exited;
      clearTimeout(late);
      await closed;
      return { code, lines };
    },
  };
}
