/** Forwards to all destinations of the settings: starts, changes and stops them. */
import type { ForwardingDestination } from '../config/config.ts';
import type { SegmentSummary } from '../disk/catalogue/segment-summary.ts';
import type { Storage } from '../disk/storage.ts';
import { segmentPositions } from '../query/segment-positions.ts';
import type { Clock } from '../shared/clock.ts';
import type { Decompress } from '../shared/decompress.ts';
import type { Journal } from '../shared/journal.ts';
import { ForwardArchive } from './forward-archive.ts';
import type { ForwardStatus } from './forward-status.ts';
import type { ArchivePort, LogProgress } from './request-source.ts';
import { RunningDestination } from './running-destination.ts';
import { Warnings } from './warnings.ts';

/**
 * The interval at which cursors are saved and destinations that could not start are tried again.
 */
const checkMs = 1_000;

export interface ForwardingOptions {
  readonly storage: Storage;
  readonly outputDir: string;
  readonly recorderId: string;
  readonly lane: number;
  readonly decompress: Decompress;
  readonly clock: Clock;
  readonly journal: Journal;
  /** Returns the progress of the lane. */
  readonly progress: () => LogProgress;
}

export interface DestinationStatus extends ForwardStatus {
  /** Why nothing can be sent to the destination; undefined if something can. */
  readonly fault: string | undefined;
}

/** A destination that could not be started, because its cursor cannot be read. */
interface Waiting {
  readonly fault: string;
  readonly sinceMs: number;
}

export class Forwarding {
  readonly #options: ForwardingOptions;
  readonly #archive: ArchivePort;
  readonly #warnings: Warnings;
  readonly #running = new Map<string, RunningDestination>();
  readonly #waiting = new Map<string, Waiting>();
  #destinations: readonly ForwardingDestination[] = [];
  #isStopped = false;
  /** Resolves when the last change has ended. Changes are made one after the other. */
  #changing: Promise<unknown> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;

  constructor(options: ForwardingOptions) {
    this.#options = options;
    this.#warnings = new Warnings(options.journal, options.clock);
    this.#archive = new ForwardArchive({ ...options, warnings: this.#warnings });
    this.#timer = setInterval(() => {
      for (const { forwarder } of this.#running.values()) forwarder.saveIfDue();
      if (this.#waiting.size > 0) this.#startMissing();
    }, checkMs).unref();
  }

  /**
   * Starts the destinations that do not run yet. The start position of a new destination is durable
   * when this returns. A destination that cannot start is logged and tried again every second.
   */
  start(destinations: readonly ForwardingDestination[]): void {
    this.#destinations = this.#isStopped ? [] : destinations;
    this.#startMissing();
  }

  /**
   * Starts new destinations, stops removed ones, and restarts changed ones from their cursors.
   * Requests in flight have `graceMs` to end.
   */
  change(destinations: readonly ForwardingDestination[], graceMs: number): Promise<void> {
    this.start(destinations);
    // Signals that are added start at this moment, not when the change is done.
    for (const each of this.#destinations) this.#running.get(each.name)?.addSignals(each);
    const changed = this.#changing.then(async () => {
      const destinationsNow = new Map(this.#destinations.map((each) => [each.name, each]));
      await Promise.all(
        [...this.#running.values()]
          .filter(({ destination }) => {
            return !isSame(destination, destinationsNow.get(destination.name));
          })
          .map((running) => this.#replace(running, graceMs)),
      );
    });
    // A change that failed must not fail the changes after it.
    this.#changing = changed.catch(() => {});
    return changed;
  }

  /** Reads the TLS files of all destinations again; new connections use them. Never throws. */
  reloadTls(cause: string): void {
    for (const running of this.#running.values()) running.reloadTls(cause);
  }

  /** Stops all destinations. Requests that are still in flight after `graceMs` stay pending. */
  stop(graceMs: number): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    return this.change([], graceMs);
  }

  /**
   * Call this before a segment is deleted, and the returned function afterwards. It counts and logs
   * the requests of the segment that were not forwarded yet.
   */
  prepareDeletion({ signal, path, ranges }: SegmentSummary): () => void {
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
        for (const { forwarder } of behind) forwarder.onSegmentDeleted(signal, positions);
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
      return { ...notStarted, name, fault, lagSeconds: (nowMs - sinceMs) / 1000 };
    });
    return [...running, ...waiting];
  }

  #startMissing(): void {
    const names = new Set(this.#destinations.map(({ name }) => name));
    for (const name of this.#waiting.keys()) if (!names.has(name)) this.#waiting.delete(name);
    for (const destination of this.#destinations) {
      if (!this.#running.has(destination.name)) this.#start(destination);
    }
  }

  #start(destination: ForwardingDestination): void {
    const { name } = destination;
    const onClientFault = (reason: string) => this.#cannotStart(name, reason);
    try {
      const options = { ...this.#options, archive: this.#archive, onClientFault };
      this.#running.set(name, new RunningDestination(destination, options));
      this.#waiting.delete(name);
    } catch (error) {
      const { message: fault } = error as Error;
      const { sinceMs = this.#options.clock.monotonicMs() } = this.#waiting.get(name) ?? {};
      this.#waiting.set(name, { fault, sinceMs });
      this.#cannotStart(name, fault);
    }
  }

  /** The destination that takes its place starts from the same cursor at once. */
  async #replace(running: RunningDestination, graceMs: number): Promise<void> {
    const { name } = running.destination;
    try {
      await running.stop(graceMs);
    } catch (error) {
      const { message: reason } = error as Error;
      this.#warnings.write(`forwarding ${name}: stopping failed`, { reason }, 'error');
    }
    this.#running.delete(name);
    this.#startMissing();
  }

  #cannotStart(name: string, reason: string): void {
    const message = `forwarding ${name}: cannot start: tried again every second`;
    this.#warnings.write(message, { reason }, 'error');
  }
}

/** The status of a destination that has not started. */
const notStarted: Omit<ForwardStatus, 'name' | 'lagSeconds'> = {
  ...{ delivered: 0, dropped: 0, retried: 0, partial: 0, lost: 0 },
  ...{ sampledOut: 0, sampledOutItems: 0, nextPosition: 0, lagRequests: 0, lagBytes: 0 },
  ...{ breaker: 'closed', lastError: undefined, lastSuccessMs: undefined },
};

function isSame(a: ForwardingDestination, b: ForwardingDestination | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
