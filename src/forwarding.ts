/** Joins each destination of the settings with the log, the archive, its cursor and its client. */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { ArchiveFault } from './archive/archive-reader.ts';
import { LaneArchive } from './archive/lane-archive.ts';
import { segmentPositions } from './archive/segment-positions.ts';
import type { ForwardingDestination } from './config.ts';
import { readHead } from './disk/file-range.ts';
import { privateFolder } from './disk/segment/checkpoint.ts';
import type { SegmentSummary } from './disk/segment/segment-summary.ts';
import { writeFileAtomically } from './disk/small-file.ts';
import type { Storage } from './disk/storage.ts';
import { WalFollower } from './disk/wal/wal-follower.ts';
import { walFolder } from './disk/wal/wal-format.ts';
import { Cursor } from './egress/cursor.ts';
import { Forwarder, type ForwardStatus } from './egress/forwarder.ts';
import { type ClientTls, type OtlpClient, openOtlpClient } from './egress/otlp-client.ts';
import { requestToJson } from './egress/request-json.ts';
import type { ArchivePort } from './egress/request-source.ts';
import { readPemFile } from './pem-files.ts';
import type { Clock } from './shared/clock.ts';
import type { Decompress } from './shared/decompress.ts';
import type { Journal } from './shared/journal.ts';
import type { Signal } from './shared/signal.ts';
import { packageVersion } from './version.ts';

/** A cursor is some hundred bytes, and some more for each request under way. */
const cursorBytesMax = 1024 * 1024;

export interface ForwardingOptions {
  readonly storage: Storage;
  readonly outputDir: string;
  readonly recorderId: string;
  readonly lane: number;
  readonly decompress: Decompress;
  readonly clock: Clock;
  readonly journal: Journal;
  /** The position that the next request will have. */
  readonly nextPosition: () => number;
}

/** How far a destination is behind: in requests at most, as those of all signals are counted. */
export interface DestinationStatus extends ForwardStatus {
  readonly lagRequests: number;
  /** Of the oldest request that is being sent. */
  readonly lagSeconds: number;
}

interface Running {
  readonly destination: ForwardingDestination;
  readonly forwarder: Forwarder;
  readonly client: OtlpClient;
}

export class Forwarding {
  readonly #options: ForwardingOptions;
  readonly #archive: ArchivePort;
  readonly #running = new Map<string, Running>();
  /** One change after the other. */
  #changing: Promise<void> = Promise.resolve();

  constructor(options: ForwardingOptions) {
    this.#options = options;
    const onFault = ({ path, offset, what }: ArchiveFault) => {
      const message = 'forwarding: requests in the archive cannot be read';
      options.journal.write('error', message, { path, offset, what });
    };
    this.#archive = new LaneArchive({ ...options, onFault });
  }

  /**
   * Starts those that do not run. The place of one never seen before is durable when this returns;
   * one that cannot be started is said in the journal, and tried again with the next change.
   */
  start(destinations: readonly ForwardingDestination[]): void {
    for (const destination of destinations) {
      if (!this.#running.has(destination.name)) this.#begin(destination);
    }
  }

  /**
   * Starts those that are new, ends those that are gone, and starts anew with their old cursor
   * those that are changed.
   */
  change(destinations: readonly ForwardingDestination[], graceMs: number): Promise<void> {
    this.#changing = this.#changing.then(async () => {
      const wanted = new Map(destinations.map((each) => [each.name, each]));
      await Promise.all(
        [...this.#running.values()]
          .filter(({ destination }) => !isSame(destination, wanted.get(destination.name)))
          .map((running) => this.#end(running, graceMs)),
      );
      this.start(destinations);
    });
    return this.#changing;
  }

  /** Ends all; what is under way has so long, and goes out again after the next start. */
  stop(graceMs: number): Promise<void> {
    return this.change([], graceMs);
  }

  /** A segment is about to be deleted: what of it was not forwarded yet is counted and said. */
  leaving({ signal, path, ranges }: SegmentSummary): void {
    const { storage, outputDir, lane, recorderId } = this.#options;
    const own = (ranges ?? []).filter((range) => {
      return range.recorder === recorderId && range.lane === lane;
    });
    const last = Math.max(0, ...own.map(({ to }) => Number(to)));
    const behind = [...this.#running.values()].filter(({ forwarder }) => {
      return forwarder.status().nextPosition <= last;
    });
    if (behind.length === 0) return;
    const reading = { storage, outputDir, decompress: this.#options.decompress };
    const positions = [...segmentPositions(reading, { signal, path, lane })];
    for (const { forwarder } of behind) forwarder.leaving(signal, positions);
  }

  statuses(): readonly DestinationStatus[] {
    const { clock, nextPosition } = this.#options;
    const end = nextPosition();
    return [...this.#running.values()].map(({ forwarder }) => {
      const status = forwarder.status();
      const { oldestReceivedTimeNs: oldest } = status;
      const lagNs = oldest === undefined ? 0n : clock.unixNs() - oldest;
      const lagRequests = Math.max(0, end - status.nextPosition);
      return { ...status, lagRequests, lagSeconds: Math.max(0, Number(lagNs) / 1e9) };
    });
  }

  #begin(destination: ForwardingDestination): void {
    const { clock, journal } = this.#options;
    const { name } = destination;
    try {
      const cursor = this.#openCursor(destination);
      const client = openOtlpClient(this.#clientOptions(destination), clock);
      const forwarder = this.#newForwarder(destination, client, cursor);
      this.#running.set(name, { destination, forwarder, client });
      forwarder.start();
      const { endpoint, protocol } = destination;
      const from = cursor.nextPosition(destination.signals);
      journal.write('info', `forwarding ${name}`, { endpoint, protocol, from });
    } catch (error) {
      const { message } = error as Error;
      journal.write('error', `forwarding ${name}: it cannot start: ${message}`);
    }
  }

  async #end({ destination, forwarder, client }: Running, graceMs: number): Promise<void> {
    await forwarder.stop(graceMs);
    client.close();
    this.#running.delete(destination.name);
  }

  #newForwarder(destination: ForwardingDestination, client: OtlpClient, cursor: Cursor): Forwarder {
    const { storage, outputDir, recorderId, lane, clock, journal } = this.#options;
    const { retry, breaker, protocol } = destination;
    const send = (signal: Signal, bytes: Uint8Array, stop: AbortSignal) => {
      const body = protocol === 'http/json' ? Buffer.from(requestToJson(signal, bytes)) : bytes;
      return client.send(signal, body, stop);
    };
    const folder = walFolder(outputDir, lane);
    return new Forwarder({
      rules: {
        name: destination.name,
        signals: destination.signals,
        samplingRatio: destination.sampling.ratio,
        concurrency: destination.concurrency,
        rateLimit: destination.rate_limit,
        retry: {
          initialMs: retry.initial_delay,
          multiplier: retry.multiplier,
          maxMs: retry.max_delay,
        },
        breaker: {
          failureCount: breaker.failures,
          resetMs: breaker.reset_timeout,
          successCount: breaker.successes,
        },
      },
      ...{ send, archive: this.#archive, cursor, clock, journal, sleep },
      log: new WalFollower({ storage, folder, recorderId, lane }),
      saveCursor: (text) => this.#saveCursor(destination.name, text),
      fraction: Math.random,
    });
  }

  /**
   * Where it ended, or for a name never seen before where `start` says; and that is made durable. A
   * cursor that is damaged begins at the beginning: rather twice than not at all.
   */
  #openCursor({ name, start }: ForwardingDestination): Cursor {
    const { storage, lane, nextPosition, journal } = this.#options;
    const bytes = readHead(storage, this.#cursorPath(name), cursorBytesMax);
    const known = bytes && Cursor.fromText(lane, Buffer.from(bytes).toString());
    if (known !== undefined) return known;
    if (bytes !== undefined) {
      const message = `forwarding ${name}: its cursor is damaged; all that is kept is sent again`;
      journal.write('warn', message, { path: this.#cursorPath(name) });
    }
    const isNew = bytes === undefined && start === 'now';
    const cursor = Cursor.startingAt({ lane, through: isNew ? nextPosition() - 1 : 0 });
    this.#saveCursor(name, cursor.toText());
    return cursor;
  }

  #saveCursor(name: string, text: string): void {
    const { storage } = this.#options;
    const path = this.#cursorPath(name);
    storage.makeFolder(join(path, '..'));
    writeFileAtomically(storage, path, Buffer.from(text));
  }

  #cursorPath(name: string): string {
    return join(this.#options.outputDir, privateFolder, 'forwarding', `${name}.cursor`);
  }

  #clientOptions(destination: ForwardingDestination) {
    const { endpoint, protocol, compression, timeout, concurrency, headers } = destination;
    return {
      ...{ protocol, compression },
      endpoint: new URL(endpoint),
      connectionsMax: concurrency,
      timeoutMs: timeout,
      userAgent: `otlp-archer/${packageVersion()}`,
      headers: { ...headers, ...credentialsOf(destination.auth) },
      tls: this.#readTls(destination.tls),
    };
  }

  #readTls({ ca_file, cert_file, key_file }: ForwardingDestination['tls']): ClientTls {
    const { storage } = this.#options;
    return {
      authorities: readPemFile(storage, 'tls.ca_file', ca_file),
      certificate: readPemFile(storage, 'tls.cert_file', cert_file),
      key: readPemFile(storage, 'tls.key_file', key_file),
    };
  }
}

/** The header that stands for the credentials. */
function credentialsOf(auth: ForwardingDestination['auth']): Readonly<Record<string, string>> {
  switch (auth.type) {
    case 'none':
      return {};
    case 'bearer_token':
      return { authorization: `Bearer ${auth.token}` };
    case 'basic': {
      const pair = Buffer.from(`${auth.username}:${auth.password}`).toString('base64');
      return { authorization: `Basic ${pair}` };
    }
    case 'api_key':
      return { [auth.header.toLowerCase()]: auth.value };
  }
}

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
