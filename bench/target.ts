/** A server that receives the load: the recorder or a rival, each in a process of its own. */
import { type ChildProcess, fork } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startRecorder } from '../test/recorder/recorder-process.ts';
import type { Transport } from './load-connection.ts';
import type { RivalStart, RivalWork } from './rival-server.ts';

export interface Target {
  readonly name: string;
  readonly processId: number;
  readonly ports: Readonly<Partial<Record<Transport, number>>>;
  /** Resolves when the process has ended. */
  stop(): Promise<TargetOutput>;
}

/** What a target has written. */
export interface TargetOutput {
  readonly diskBytes: number;
  /** Number of spans that the target reports as written; undefined if it reports none. */
  readonly spanCount?: number;
}

/** Starts a target that writes below an existing, empty folder. */
export type StartTarget = (folder: string) => Promise<Target>;

export function recorderTarget(name: string, flags: readonly string[]): StartTarget {
  return async (folder) => {
    const recorder = await startRecorder(flags, folder);
    return {
      name,
      processId: recorder.child.pid!,
      ports: recorder.ports,
      stop: async () => {
        const { code, lines } = await recorder.stop();
        if (code !== 0) throw new Error(`the recorder ended with ${code}: ${recorder.stderr()}`);
        const { rows } = JSON.parse(lines.at(-1) ?? '');
        return { diskBytes: folderBytes(join(folder, 'traces')), spanCount: rows.traces };
      },
    };
  };
}

export function rivalTarget(name: string, work: RivalWork): StartTarget {
  return async (folder) => {
    const start: RivalStart = { work, path: join(folder, 'requests.jsonl') };
    const script = fileURLToPath(new URL('./rival-server.js', import.meta.url));
    const child = fork(script, [JSON.stringify(start)]);
    const ports = await nextMessage<Target['ports']>(child);
    const stop = async () => {
      await endProcess(child);
      return { diskBytes: folderBytes(folder) };
    };
    return { name, processId: child.pid!, ports, stop };
  };
}

/** Resolves with the next message of the process. Rejects if the process ends before it sends one. */
export function nextMessage<Message>(child: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    const take = (message: unknown) => {
      child.off('exit', fail);
      resolve(message as Message);
    };
    const fail = (code: number | null) => {
      child.off('message', take);
      reject(new Error(`a process of the bench ended with ${code}`));
    };
    child.once('message', take).once('exit', fail);
  });
}

export function endProcess(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

/** Returns the bytes of all files below a folder. */
export function folderBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(folder, name)))
    .reduce((sum, stats) => sum + (stats.isFile() ? stats.size : 0), 0);
}
