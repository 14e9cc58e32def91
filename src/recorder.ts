/** The composition root of the main thread: opens a recorder's parts and joins them. */
import { fileURLToPath } from 'node:url';
import { createRequestCounts, readRequestCounts } from './buffer/request-counts.ts';
import { createTallies, readTallies } from './buffer/tallies.ts';
import { createDecoderMemory } from './columns/request-decoder.ts';
import { schemaMessage } from './columns/schema.ts';
import type { Config } from './config.ts';
import {
  type DirectoryLock,
  heldSentence,
  type LockAttempt,
  type LockOptions,
  takeDirectoryLock,
} from './disk/directory-lock.ts';
import { readHead } from './disk/file-range.ts';
import { openIdentity } from './disk/identity.ts';
import { systemProcesses } from './disk/process-identity.ts';
import { nodeStorage } from './disk/storage.ts';
import { type LaneKeeper, type LaneKeeperEvents, openLaneKeeper } from './lane-keeper.ts';
import { listenFault } from './listen-fault.ts';
import { openReceiverClient, type ReceiverClient } from './receiver-client.ts';
import type { HealthCheck, RecorderView } from './serve/recorder-view.ts';
import { type OpenServer, openServer } from './serve/server.ts';
import { systemClock } from './shared/clock.ts';
import type { Journal } from './shared/journal.ts';
import type { Signal } from './shared/signal.ts';
import { packageVersion } from './version.ts';
import type {
  LaneDone,
  LaneStart,
  ReceiverStart,
  RowCounts,
  SegmentSealed,
} from './worker-messages.ts';

/** The signals that are recorded; senders of the others are told so. */
const recordedSignals: readonly Signal[] = ['traces'];

/** A lane answers a command within a batch's writing; a disk that hangs must not hang the asker. */
const commandMsMax = 10_000;

/** A stop lets requests that are being received end, but not for ever. */
const shutdownGraceMs = 5_000;

/** What the lane last said of the disk. */
interface StorageState {
  fault: string | null;
}

/** Many times what the decoder has. */
const decoderBytesMax = 1024 * 1024;

export interface RecorderPorts {
  /** Null for a listener that is off. */
  readonly grpc: number | null;
  readonly http: number | null;
  readonly dashboard: number | null;
}

/** What one run has sealed. */
export interface RecorderSummary {
  readonly rows: RowCounts;
  readonly segments: number;
  readonly bytes: number;
}

export interface Recorder {
  readonly ports: RecorderPorts;
  /** Resolves with the reason when the recorder cannot go on; then shut it down. */
  readonly failed: Promise<string>;
  /** Stops accepting, gives open requests at most 5 s to end, drains and seals. */
  shutdown(): Promise<RecorderSummary>;
}

/** Rejects with one line that names what is at fault and the remedy. */
export async function openRecorder(config: Config, journal: Journal): Promise<Recorder> {
  const directory = await openDirectory(config.output_dir);
  const counts = { tallies: createTallies(config.lanes), requests: createRequestCounts() };
  const totals = new RunTotals(journal);
  const storage: StorageState = { fault: null };
  const closers: (() => Promise<unknown>)[] = [];
  closers.unshift(async () => directory.lock.release());
  try {
    const receiver = await openReceiverClient(receiverStart(config, counts.requests), journal);
    closers.unshift(() => receiver.stop(shutdownGraceMs));
    const lane = await openLaneKeeper(
      await laneStarter(config, directory.recorderId, counts.tallies),
      journal,
      laneEvents(receiver, totals, storage, journal),
      systemClock,
    );
    // Behind the receiver's stop, which waits for the lane's results.
    closers.splice(-1, 0, () => stopLane(lane));
    const dashboard = await openDashboard(config, viewOf(lane, storage, counts));
    if (dashboard !== undefined) closers.unshift(() => dashboard.close());
    const ports = { ...receiver.ports, dashboard: dashboard?.port ?? null };
    directory.lock.setPorts(ports);
    return {
      ports,
      failed: Promise.race([lane.failed, receiver.died]),
      shutdown: async () => {
        await closeAll(closers);
        return totals.summary();
      },
    };
  } catch (error) {
    await closeAll(closers).catch(() => {});
    throw error;
  }
}

/** Closes all, also when one of them fails; rejects with what failed first. */
async function closeAll(closers: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closers) await close().catch((error) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

/** Another recorder has the output directory. */
export class DirectoryHeldError extends Error {}

interface Directory {
  readonly recorderId: string;
  readonly lock: DirectoryLock;
}

/** Makes the output directory where it is missing, and keeps other recorders out of it. */
async function openDirectory(outputDir: string): Promise<Directory> {
  const storage = nodeStorage;
  const processes = systemProcesses(storage);
  const attempt = await takeDirectory(outputDir, { storage, processes });
  if (attempt.kind === 'held') {
    throw new DirectoryHeldError(heldSentence(outputDir, attempt.holder));
  }
  return { recorderId: openIdentity(storage, outputDir), lock: attempt.lock };
}

async function takeDirectory(
  outputDir: string,
  options: Pick<LockOptions, 'storage' | 'processes'>,
): Promise<LockAttempt> {
  try {
    options.storage.makeFolder(outputDir);
    return await takeDirectoryLock({ ...options, outputDir, clock: systemClock });
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`output_dir ${outputDir} cannot be written: ${message}; choose another`);
  }
}

/** What each lane is started with; every one of them gets a memory of its own. */
async function laneStarter(
  config: Config,
  recorderId: string,
  tallies: SharedArrayBuffer,
): Promise<() => LaneStart> {
  const decoderModule = await compileDecoder();
  const writer = `otlp-archer ${packageVersion()}`;
  const schemas = recordedSignals.map((signal) => {
    return [signal, schemaMessage(signal, { writer, recorder: recorderId })] as const;
  });
  const schemaMessages = Object.fromEntries(schemas);
  const fixed = { config, lane: 0, recorderId, tallies, decoderModule, schemaMessages };
  return () => ({ ...fixed, memory: createDecoderMemory() });
}

function laneEvents(
  receiver: ReceiverClient,
  totals: RunTotals,
  storage: StorageState,
  journal: Journal,
): LaneKeeperEvents {
  return {
    onSealed: (segment) => totals.add(segment),
    onStorage: (fault) => {
      storage.fault = fault;
      if (fault === null) journal.write('info', 'the disk takes what is written again');
      else journal.write('error', `requests are refused until the disk can be written: ${fault}`);
    },
    onLane: (memory, { layout }) => {
      storage.fault = null;
      receiver.tell({ kind: 'lane', memory, layout });
    },
    onLost: () => receiver.tell({ kind: 'lost' }),
  };
}

/**
 * Rejects when what was acknowledged could not be written; with a log the next start brings it
 * back.
 */
async function stopLane(lane: LaneKeeper): Promise<void> {
  const { fault } = await lane.command('stop', commandMsMax);
  if (fault !== undefined) throw new Error(`not all could be written: ${fault}`);
}

/** Compiled once here; a lane only makes an instance of it. */
async function compileDecoder(): Promise<WebAssembly.Module> {
  const path = fileURLToPath(new URL('./columns/decoder/decoder.wasm', import.meta.url));
  const bytes = readHead(nodeStorage, path, decoderBytesMax);
  if (bytes === undefined) throw new Error(`${path} is missing: run npm run build`);
  return WebAssembly.compile(bytes);
}

function receiverStart(config: Config, requestCounts: SharedArrayBuffer): ReceiverStart {
  return { config, signals: recordedSignals, ringIndex: 0, requestCounts };
}

async function openDashboard(config: Config, view: RecorderView): Promise<OpenServer | undefined> {
  if (!config['dashboard.enabled']) return undefined;
  const host = config['dashboard.host'];
  const port = config['dashboard.port'];
  const access = {
    host,
    allowedHosts: config['dashboard.allowed_hosts'],
    bearerToken: config['dashboard.bearer_token'],
  };
  try {
    return await openServer({ host, port, access, view });
  } catch (error) {
    throw new Error(listenFault('dashboard', host, port, error));
  }
}

function viewOf(
  lane: LaneKeeper,
  storage: StorageState,
  counts: { readonly tallies: SharedArrayBuffer; readonly requests: SharedArrayBuffer },
): RecorderView {
  return {
    itemCounts: () => {
      const tallies = readTallies(counts.tallies);
      return Object.fromEntries(recordedSignals.map((signal) => [signal, tallies[signal]]));
    },
    requestCounts: () => readRequestCounts(counts.requests),
    healthChecks: () => [
      check('lane', lane.fault(), 'recording'),
      check('disk', storage.fault ?? undefined, 'writable'),
    ],
    flush: async () => (await commandOrFault(lane, 'flush')).rows,
    rotate: async () => (await commandOrFault(lane, 'rotate')).sealed,
  };
}

async function commandOrFault(lane: LaneKeeper, kind: 'flush' | 'rotate'): Promise<LaneDone> {
  const done = await lane.command(kind, commandMsMax);
  if (done.fault !== undefined) throw new Error(done.fault);
  return done;
}

function check(name: string, fault: string | undefined, well: string): HealthCheck {
  return { name, status: fault === undefined ? 'ok' : 'failing', detail: fault ?? well };
}

/** What this run has sealed, and a line in the journal for each segment. */
class RunTotals {
  readonly #journal: Journal;
  readonly #rows: RowCounts = {};
  #segments = 0;
  #bytes = 0;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  add({ signal, path, rows, bytes, reason }: SegmentSealed): void {
    this.#rows[signal] = (this.#rows[signal] ?? 0) + rows;
    this.#segments++;
    this.#bytes += bytes;
    this.#journal.write('info', 'sealed a segment', { path, rows, bytes, reason });
  }

  summary(): RecorderSummary {
    return { rows: { ...this.#rows }, segments: this.#segments, bytes: this.#bytes };
  }
}
