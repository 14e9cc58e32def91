/** The parent's side of a destination that is killed and started again. */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Arrival, DestinationStart } from './destination-process.ts';

const script = fileURLToPath(new URL('./destination-process.js', import.meta.url));

/** Keeps the port that it got at its first start. */
export class Destination {
  readonly #start: Omit<DestinationStart, 'port'>;
  #child: ChildProcess | undefined;
  #port = 0;

  constructor(transport: 'http' | 'grpc', path: string) {
    this.#start = { transport, path };
  }

  get port(): number {
    return this.#port;
  }

  /** Resolves when the destination listens; at once if it already runs. */
  async run(): Promise<void> {
    if (this.#child !== undefined) return;
    const start: DestinationStart = { ...this.#start, port: this.#port };
    const child = fork(script, [JSON.stringify(start)]);
    this.#child = child;
    this.#port = await new Promise<number>((resolve, reject) => {
      child.once('message', (port) => resolve(Number(port)));
      child.once('exit', (code) => reject(new Error(`the destination ended with ${code}`)));
    });
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  /** Ignores a last line that a kill has cut off: its request was never answered. */
  arrivals(): Arrival[] {
    const { path } = this.#start;
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line));
  }
}
