/** Joins each destination of the settings with the log, the archive, its cursor and its client. */
import { setTimeout as wait } from 'node:timers/promises';
import { requestToJson } from '../client/request-json.ts';
import type { ForwardingDestination } from '../config/config.ts';
import type { SegmentSummary } from '../disk/catalogue/segment-summary.ts';
import { cursorPath, walFolder } from '../disk/layout.ts';
import type { Storage } from '../disk/storage.ts';
import { WalFollower } from '../disk/wal/wal-follower.ts';
import { segmentPositions } from '../query/segment-positions.ts';
import type { Clock } from '../shared/clock.ts';
import type { Decompress } from '../shared/decompress.ts';
import type { Journal } from '../shared/journal.ts';
import type { Cursor } from './cursor.ts';
import { CursorFile } from './cursor-file.ts';
import { DestinationClient } from './destination-client.ts';
import { forwardRules } from './forward-rules.ts';
import type { ForwardStatus } from './forward-status.ts';
import { Forwarder } from './forwarder.ts';
import type { ArchivePort, LogPort, LogProgress } from './request-source.ts';
import { openForwardArchive } from './retried-archive.ts';
import { Warnings } from './warnings.ts';

/** Cursors are saved at most so often, and what could not be begun is tried again. */
const lookMs = 1_000;

export interface ForwardingOptions {
  readonly storage: Storage;
  readonly outputDir: string;
  readonly recorderId: string;
  readonly lane: number;
  readonly decompress: Decompress;
  readonly clock: Clock;
  readonly journal: Journal;
  /** Of the lane. */
  readonly progress: () => LogProgress;
}

export interface DestinationStatus extends ForwardStatus {
  /** Why nothing can be sent, whatever the destination does; undefined while something can. */
  readonly fault: string | undefined;
}

interface Running {
  readonly destination: ForwardingDestination;
  readonly forwarder: Forwarder;
  readonly client: DestinationClient;
  readonly cursor: Cursor;
}

/** Its cursor cannot be read. */
interface Waiting {
  readonly fault: string;
  readonly sinceMs: number;
}

export class Forwarding {
  readonly #options: ForwardingOptions;
  readonly #archive: ArchivePort;
  readonly #warnings: Warnings;
  readonly #running = new Map<string, Running>();
  readonly #waiting = new Map<string, Waiting>();
  #wanted: readonly ForwardingDestination[] = [];
  #isStopped = false;
  /** One change after the other. */
  #changing: Promise<unknown> = Promise.resolve();
  readonly #look: NodeJS.Timeout;

  constructor(options: ForwardingOptions) {
    this.#options = options;
    this.#warnings = new Warnings(options.journal, options.clock);
    this.#archive = openForwardArchive({ ...options, warnings: this.#warnings });
    this.#look = setInterval(() => {
      for (const { forwarder } of this.#running.values()) forwarder.saveIfDue();
      if (this.#waiting.size > 0) this.#beginAll();
    }, lookMs).unref();
  }

  /**
   * Starts those that do not run. The place of one never seen before is durable when this returns;
   * one that cannot be started is said in the journal, and tried again every second.
   */
  start(destinations: readonly ForwardingDestination[]): void {
    this.#wanted = this.#isStopped ? [] : destinations;
    this.#beginAll();
  }

  /**
   * Starts those that are new, ends those that are gone, and starts anew with their old cursor
   * those that are changed.
   */
  change(destinations: readonly ForwardingDestination[], graceMs: number): Promise<void> {
    this.start(destinations);
    for (const destination of this.#wanted) {
      // Signals that it did not get so far begin here, and not when the change is done.
      this.#running
        .get(destination.name)
        ?.cursor.want(destination.signals, this.#startOf(destination));
    }
    const changed = this.#changing.then(async () => {
      const wanted = new Map(this.#wanted.map((each) => [each.name, each]));
      await Promise.all(
        [...this.#running.values()]
          .filter(({ destination }) => !isSame(destination, wanted.get(destination.name)))
          .map((running) => this.#end(running, graceMs)),
      );
    });
    this.#changing = changed;
    return changed;
  }

  /** Ends all; what is under way has so long, and goes out again after the next start. */
  stop(graceMs: number): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#look);
    return this.change([], graceMs);
  }

  /**
   * A segment is about to be deleted. What is returned is to be called when it is: what of it was
   * not forwarded yet is counted then, and said.
   */
  leaving({ signal, path, ranges }: SegmentSummary): () => void {
    const { storage, outputDir, lane, recorderId, decompress } = this.#options;
    const own = (ranges ?? []).filter((range) => {
      return range.recorder === recorderId && range.lane === lane;
    });
    const last = Math.max(0, ...own.map(({ to }) => Number(to)));
    const behind = [...this.#running.values()].filter(({ forwarder }) => {
      return forwarder.status().nextPosition <= last;
    });
    if (behind.length === 0) return () => {};
    try {
      const reading = { storage, outputDir, decompress };
      const positions = [...segmentPositions(reading, { signal, path, lane })];
      positions.sort((a, b) => a - b);
      return () => {
        for (const { forwarder } of behind) forwarder.left(signal, positions);
      };
    } catch (error) {
      const message = 'forwarding: requests that retention deletes cannot be counted';
      this.#warnings.write(message, { path, reason: (error as Error).message });
      return () => {};
    }
  }

  statuses(): readonly DestinationStatus[] {
    const running = [...this.#running.values()].map(({ forwarder, client }) => {
      return { ...forwarder.status(), fault: client.fault };
    });
    const nowMs = this.#options.clock.monotonicMs();
    const waiting = [...this.#waiting].map(([name, { fault, sinceMs }]) => {
      return { ...nothingDone, name, fault, lagSeconds: (nowMs - sinceMs) / 1000 };
    });
    return [...running, ...waiting];
  }

  #beginAll(): void {
    const names = new Set(this.#wanted.map(({ name }) => name));
    for (const name of this.#waiting.keys()) if (!names.has(name)) this.#waiting.delete(name);
    for (const destination of this.#wanted) {
      if (!this.#running.has(destination.name)) this.#begin(destination);
    }
  }

  #begin(destination: ForwardingDestination): void {
    const { clock, journal } = this.#options;
    const { name, endpoint, protocol, signals } = destination;
    try {
      const file = this.#cursorFile(name);
      const cursor = this.#openCursor(destination, file);
      const client = this.#openClient(destination);
      const forwarder = this.#newForwarder(destination, { client, cursor, file });
      this.#waiting.delete(name);
      this.#running.set(name, { destination, forwarder, client, cursor });
      forwarder.start();
      const from = cursor.nextPosition(signals);
      journal.write('info', `forwarding ${name}`, { endpoint, protocol, from });
    } catch (error) {
      const { message: fault } = error as Error;
      const { sinceMs = clock.monotonicMs() } = this.#waiting.get(name) ?? {};
      this.#waiting.set(name, { fault, sinceMs });
      this.#cannotStart(name, fault);
    }
  }

  /** What takes its place begins at once, and where it ended. */
  async #end({ destination, forwarder, client }: Running, graceMs: number): Promise<void> {
    await forwarder.stop(graceMs);
    client.close();
    this.#running.delete(destination.name);
    this.#beginAll();
  }

  #openCursor(destination: ForwardingDestination, file: CursorFile): Cursor {
    const { lane, progress, journal } = this.#options;
    const { name, signals } = destination;
    const { next: nextPosition } = progress();
    const through = this.#startOf(destination);
    const { cursor, isDamaged } = file.open({ lane, signals, through, nextPosition });
    if (isDamaged) {
      const message = `forwarding ${name}: its cursor is damaged; all that is kept is sent again`;
      journal.write('warn', message, { path: file.path });
    }
    return cursor;
  }

  /** Signals that it has never had begin behind this position. */
  #startOf({ start }: ForwardingDestination): number {
    return start === 'now' ? this.#options.progress().next - 1 : 0;
  }

  #openClient(destination: ForwardingDestination): DestinationClient {
    const { storage, clock } = this.#options;
    const onFault = (reason: string) => this.#cannotStart(destination.name, reason);
    return new DestinationClient({ destination, storage, clock, sleep, onFault });
  }

  #newForwarder(
    destination: ForwardingDestination,
    { client, cursor, file }: { client: DestinationClient; cursor: Cursor; file: CursorFile },
  ): Forwarder {
    const { clock, journal } = this.#options;
    const isJson = destination.protocol === 'http/json';
    return new Forwarder({
      rules: forwardRules(destination),
      encode: (signal, bytes) => (isJson ? Buffer.from(requestToJson(signal, bytes)) : bytes),
      ready: (stop) => client.ready(stop),
      send: (signal, body, stop) => client.send(signal, body, stop),
      ...{ log: this.#openLog(), archive: this.#archive, cursor, cursorFile: file },
      ...{ clock, journal, sleep },
      fraction: Math.random,
    });
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

  #cursorFile(name: string): CursorFile {
    const { storage, outputDir } = this.#options;
    return new CursorFile(storage, cursorPath(outputDir, name));
  }

  #cannotStart(name: string, reason: string): void {
    const message = `forwarding ${name}: it cannot start; it is tried again every second`;
    this.#warnings.write(message, { reason }, 'error');
  }
}

/** Of one that has not begun. */
const nothingDone: Omit<ForwardStatus, 'name' | 'lagSeconds'> = {
  ...{ delivered: 0, dropped: 0, retried: 0, partial: 0, lost: 0 },
  ...{ sampledOut: 0, sampledOutItems: 0, nextPosition: 0, lagRequests: 0, lagBytes: 0 },
  ...{ breaker: 'closed', lastError: undefined, lastSuccessMs: undefined },
};

function isSame(a: ForwardingDestination, b: ForwardingDestination | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

async function sleep(ms: number, stop: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal: stop, ref: false });
  } catch (error) {
    if (!stop.aborted) throw error;
  }
}
