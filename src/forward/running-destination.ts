/** One destination that is forwarded to: its cursor, its client and its forwarder. */
import { setTimeout as wait } from 'node:timers/promises';
import { requestToJson } from '../client/request-json.ts';
import type { ForwardingDestination } from '../config/config.ts';
import { cursorPath, walFolder } from '../disk/layout.ts';
import type { Storage } from '../disk/storage.ts';
import { WalFollower } from '../disk/wal/wal-follower.ts';
import type { Clock } from '../shared/clock.ts';
import type { Journal } from '../shared/journal.ts';
import type { Cursor } from './cursor.ts';
import { CursorFile } from './cursor-file.ts';
import { DestinationClient } from './destination-client.ts';
import { forwardRules } from './forward-rules.ts';
import { Forwarder } from './forwarder.ts';
import type { ArchivePort, LogPort, LogProgress } from './request-source.ts';

export interface RunningDestinationOptions {
  readonly storage: Storage;
  readonly outputDir: string;
  readonly recorderId: string;
  readonly lane: number;
  readonly clock: Clock;
  readonly journal: Journal;
  /** Returns the progress of the lane. */
  readonly progress: () => LogProgress;
  readonly archive: ArchivePort;
  /** Called for each failed attempt to open the client. */
  readonly onClientFault: (reason: string) => void;
}

export class RunningDestination {
  readonly destination: ForwardingDestination;
  readonly forwarder: Forwarder;
  readonly client: DestinationClient;
  readonly #cursor: Cursor;
  readonly #options: RunningDestinationOptions;

  /** Saves the start position of a new destination. Throws if its cursor cannot be read. */
  constructor(destination: ForwardingDestination, options: RunningDestinationOptions) {
    this.#options = options;
    this.destination = destination;
    const { storage, outputDir, clock, journal, archive, onClientFault: onFault } = options;
    const cursorFile = new CursorFile(storage, cursorPath(outputDir, destination.name));
    const cursor = this.#openCursor(cursorFile);
    this.#cursor = cursor;
    const client = new DestinationClient({ destination, storage, clock, sleep, onFault });
    this.client = client;
    const isJson = destination.protocol === 'http/json';
    this.forwarder = new Forwarder({
      rules: forwardRules(destination),
      convert: (signal, bytes) => (isJson ? Buffer.from(requestToJson(signal, bytes)) : bytes),
      ready: (stop) => client.ready(stop),
      send: (signal, body, stop) => client.send(signal, body, stop),
      ...{ log: this.#openLog(), archive, cursor, cursorFile, clock, journal, sleep },
      fraction: Math.random,
    });
    this.forwarder.start();
    const { name, endpoint, protocol, signals } = destination;
    const from = cursor.nextPosition(signals);
    journal.write('info', `forwarding ${name}`, { endpoint, protocol, from });
  }

  /** Adds the signals that changed settings give to the destination; they start at once. */
  addSignals(changed: ForwardingDestination): void {
    this.#cursor.addSignals(changed.signals, this.#throughAtStart(changed));
  }

  /** Reads the TLS files again and logs the result; `cause` is the reason, such as SIGHUP. */
  reloadTls(cause: string): void {
    const { journal } = this.#options;
    const reload = this.client.reloadTls();
    const line = (event: string) => `forwarding ${this.destination.name}: ${cause}: ${event}`;
    if (reload.kind === 'renewed') {
      journal.write('info', line('new connections use the new TLS files'));
    } else if (reload.kind === 'refused') {
      const { reason } = reload;
      journal.write('error', line('the TLS files stay as they are'), { reason });
    }
  }

  /** Requests in flight have `graceMs` to end; then they stay pending for the next start. */
  async stop(graceMs: number): Promise<void> {
    await this.forwarder.stop(graceMs);
    this.client.close();
  }

  #openCursor(file: CursorFile): Cursor {
    const { lane, progress, journal } = this.#options;
    const { name, signals } = this.destination;
    const { next: nextPosition } = progress();
    const through = this.#throughAtStart(this.destination);
    const { cursor, isDamaged } = file.open({ lane, signals, through, nextPosition });
    if (isDamaged) {
      const message = `forwarding ${name}: the cursor is damaged: all kept requests are sent again`;
      journal.write('warn', message, { path: file.path });
    }
    return cursor;
  }

  /** Returns the position after which a signal starts that the destination never got before. */
  #throughAtStart({ start }: ForwardingDestination): number {
    return start === 'now' ? this.#options.progress().next - 1 : 0;
  }

  #openLog(): LogPort {
    const { storage, outputDir, recorderId, lane, progress } = this.#options;
    const folder = walFolder(outputDir, lane);
    const follower = new WalFollower({ storage, folder, recorderId, lane });
    return {
      progress,
      read: (position) => follower.read(position),
      oldestPosition: () => follower.oldestPosition(),
      close: () => follower.close(),
    };
  }
}

async function sleep(ms: number, stop: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal: stop, ref: false });
  } catch (error) {
    if (!stop.aborted) throw error;
  }
}
