/** The composition root of the main thread: opens a recorder's parts and joins them. */
import { fileURLToPath } from 'node:url';
import { createDecoderMemory } from '../columns/request-decoder.ts';
import { schemaMessage } from '../columns/schema.ts';
import type { Config } from '../config/config.ts';
import { readHead } from '../disk/file-range.ts';
import { nativeDecompress } from '../disk/ipc/zstd.ts';
import { systemProcesses } from '../disk/lock/process-identity.ts';
import { nodeStorage } from '../disk/storage.ts';
import { Forwarding } from '../forward/forwarding.ts';
import { SealedSegments } from '../retention/sealed-segments.ts';
import { createLaneProgress, LaneProgress } from '../ring/lane-progress.ts';
import { createRequestCounts } from '../ring/request-counts.ts';
import { createTallies } from '../ring/tallies.ts';
import type { RecorderView } from '../serve/recorder-view.ts';
import { type OpenServer, openServer } from '../serve/server.ts';
import { systemClock } from '../shared/clock.ts';
import { ArcherError, type Problem, problem } from '../shared/errors.ts';
import type { Journal } from '../shared/journal.ts';
import { listenProblem } from '../shared/listen-problem.ts';
import { signals } from '../shared/signal.ts';
import { packageVersion } from '../shared/version.ts';
import { openReceiverClient, type ReceiverClient } from '../threads/receiver-client.ts';
import { commandMsMax, commandOrFault, dashboardView } from './dashboard-view.ts';
import { HeldDirectory } from './held-directory.ts';
import { LaneSupervisor, type LaneSupervisorEvents, type StartLane } from './lane-supervisor.ts';
import { retentionSettingsOf } from './retention-settings.ts';
import { type RecorderSummary, RunTotals } from './run-totals.ts';

export type { RecorderSummary } from './run-totals.ts';

/** A stop lets requests that are being received end, but not for ever. */
const shutdownGraceMs = 5_000;

/**
 * What is held is written, and up to three segments are synced, which a slow disk takes its time
 * for. Who cannot wait sends the signal once more.
 */
const stopMsMax = 60_000;

/** Many times what the decoder has. */
const decoderBytesMax = 1024 * 1024;

export interface RecorderPorts {
  /** Null for a listener that is off. */
  readonly grpc: number | null;
  readonly http: number | null;
  readonly dashboard: number | null;
}

export interface Recorder {
  readonly ports: RecorderPorts;
  /** Resolves with the reason when the recorder cannot go on; then shut it down. */
  readonly failed: Promise<Problem>;
  /** Takes up what a reload may change. */
  reconfigure(config: Config): void;
  /** Reads certificates, keys and client CAs again; new connections use them. Never throws. */
  reloadCertificates(cause: string): void;
  /**
   * Stops accepting, gives open requests at most 5 s to end, drains and seals. Rejects with
   * ERR_ARCHER_SHUTDOWN_INCOMPLETE if some rows are not in segments.
   */
  shutdown(): Promise<RecorderSummary>;
}

/**
 * Opens the directory and the listeners. Rejects with an ArcherError: docs/errors.md lists
 * the codes in its chapter "Recorder".
 */
export async function openRecorder(config: Config, journal: Journal): Promise<Recorder> {
  const parts = new RecorderParts(config, journal);
  try {
    const opened = await parts.open();
    return {
      ...opened,
      reconfigure: (changed) => parts.reconfigure(changed),
      shutdown: () => parts.close(),
    };
  } catch (error) {
    await parts.close().catch(() => {});
    throw error;
  }
}

/** Everything of one recorder on the main thread, in the order in which it is opened. */
class RecorderParts {
  readonly #journal: Journal;
  /** As the last reload left it. */
  #config: Config;
  readonly #tallies: SharedArrayBuffer;
  readonly #progress: SharedArrayBuffer;
  readonly #requests = createRequestCounts();
  readonly #totals: RunTotals;
  readonly #directory: HeldDirectory;
  readonly #archive: SealedSegments;
  /** Follows the first lane, which is the only one; from when that is ready. */
  #forwarding: Forwarding | undefined;
  #lane: LaneSupervisor | undefined;
  /** What the lane last said of the disk. */
  #storageFault: string | null = null;
  /** The last that was opened is the first to be closed, but for what says otherwise. */
  readonly #closers: (() => Promise<unknown>)[] = [];

  constructor(config: Config, journal: Journal) {
    const { output_dir: outputDir, lanes } = config;
    const storage = nodeStorage;
    const processes = systemProcesses(storage);
    this.#config = config;
    this.#journal = journal;
    this.#tallies = createTallies(lanes);
    this.#progress = createLaneProgress(lanes);
    this.#totals = new RunTotals(journal);
    const clock = systemClock;
    this.#directory = new HeldDirectory({ storage, outputDir, processes, clock, journal });
    this.#archive = new SealedSegments({
      ...{ storage, outputDir, signals, clock, journal },
      settings: retentionSettingsOf(config),
      rotate: async () => {
        if (this.#lane) await commandOrFault(this.#lane, { kind: 'rotate', reason: 'schedule' });
      },
      onDeleting: (segment) => this.#forwarding?.prepareDeletion(segment) ?? (() => {}),
    });
  }

  async open(): Promise<Omit<Recorder, 'reconfigure' | 'shutdown'>> {
    const config = this.#config;
    // Not held yet where the disk is full or fails: the lane is started once it is.
    await this.#directory.take();
    this.#closers.unshift(async () => this.#directory.release());
    this.#closers.unshift(() => this.#archive.close());
    const receiverStart = { config, signals, ringIndex: 0, requestCounts: this.#requests };
    const receiver = await openReceiverClient(receiverStart, this.#journal);
    // Neither waits for the other: what is not forwarded now is forwarded by the next start.
    this.#closers.unshift(() =>
      Promise.all([receiver.stop(shutdownGraceMs), this.#forwarding?.stop(shutdownGraceMs)]),
    );
    const lane = new LaneSupervisor({
      start: await this.#laneStarter(),
      ...{ journal: this.#journal, clock: systemClock },
      events: this.#laneEvents(receiver),
    });
    void this.#directory.lost.then(() => lane.abandon());
    await lane.open();
    this.#lane = lane;
    // Behind the receiver's stop, which waits for the lane's results.
    this.#closers.splice(-2, 0, () => stopLane(lane));
    const dashboard = await openDashboard(config, this.#view(lane));
    if (dashboard !== undefined) this.#closers.unshift(() => dashboard.close());
    const ports = { ...receiver.ports, dashboard: dashboard?.port ?? null };
    this.#directory.setPorts(ports);
    const failed = Promise.race([lane.failed, receiver.died, this.#directory.lost]);
    const reloadCertificates = (cause: string) => {
      receiver.reloadTls(cause);
      this.#forwarding?.reloadTls(cause);
    };
    return { ports, failed, reloadCertificates };
  }

  reconfigure(changed: Config): void {
    this.#config = changed;
    this.#archive.reconfigure(retentionSettingsOf(changed));
    void this.#forwarding?.change(changed.forwarding, shutdownGraceMs);
    this.#configureLane();
  }

  /** Closes all, also when one of them fails; rejects with what failed first. */
  async close(): Promise<RecorderSummary> {
    const failures: unknown[] = [];
    for (const close of this.#closers.splice(0)) {
      await close().catch((error) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
    return this.#totals.summary();
  }

  /** What each lane is started with; every one of them gets a memory of its own. */
  async #laneStarter(): Promise<StartLane> {
    const decoderModule = await compileDecoder();
    const writer = `otlp-archer ${packageVersion()}`;
    return async () => {
      const attempt = await this.#directory.take();
      if ('waitsFor' in attempt) return attempt;
      const { recorderId } = attempt;
      await this.#archive.prepare(recorderId);
      const schemas = signals.map((signal) => {
        return [signal, schemaMessage(signal, { writer, recorder: recorderId })] as const;
      });
      return {
        ...{ config: this.#config, lane: 0, recorderId, decoderModule },
        schemaMessages: Object.fromEntries(schemas),
        memory: createDecoderMemory(),
        ...{ tallies: this.#tallies, progress: this.#progress },
      };
    };
  }

  #laneEvents(receiver: ReceiverClient): LaneSupervisorEvents {
    return {
      onStorage: (fault) => this.#takeStorageFault(fault),
      onSealed: (segment) => {
        this.#archive.sealed(segment.path);
        this.#totals.add(segment);
      },
      onLockMissing: () => this.#directory.restoreLock(),
      onLane: ({ recorderId, memory, config }, layout) => {
        this.#takeStorageFault(null);
        // A reload came while it was starting.
        if (config !== this.#config) this.#configureLane();
        // A destination's place is durable before anything can be acknowledged.
        this.#startForwarding(recorderId);
        this.#archive.resume();
        receiver.send({ kind: 'lane', memory, layout });
      },
      onLost: () => {
        this.#archive.pause();
        receiver.send({ kind: 'lost' });
      },
    };
  }

  /** One that has died or recovers takes no command: it gets the configuration when it starts. */
  #configureLane(): void {
    const request = { kind: 'reconfigure', config: this.#config } as const;
    this.#lane?.command(request, commandMsMax).catch(() => {});
  }

  #startForwarding(recorderId: string): void {
    const firstLane = new LaneProgress(this.#progress, 0);
    this.#forwarding ??= new Forwarding({
      ...{ storage: nodeStorage, outputDir: this.#config.output_dir, recorderId, lane: 0 },
      ...{ decompress: nativeDecompress(), clock: systemClock, journal: this.#journal },
      progress: () => firstLane.read(),
    });
    this.#forwarding.start(this.#config.forwarding);
  }

  #takeStorageFault(fault: string | null): void {
    if (fault === this.#storageFault) return;
    this.#storageFault = fault;
    if (fault === null) this.#journal.write('info', 'the disk takes what is written again');
    else {
      this.#archive.lookAtSpace();
      this.#journal.write('error', `requests are refused until the disk can be written: ${fault}`);
    }
  }

  #view(lane: LaneSupervisor): RecorderView {
    return dashboardView({
      ...{ lane, archive: this.#archive, tallies: this.#tallies, requests: this.#requests },
      storageFault: () => this.#storageFault,
      destinations: () => this.#forwarding?.statuses() ?? [],
    });
  }
}

/**
 * Rejects when what was acknowledged could not be written; with a log the next start brings it
 * back.
 */
async function stopLane(lane: LaneSupervisor): Promise<void> {
  const { fault } = await lane.stop(stopMsMax);
  if (fault !== undefined) {
    throw new ArcherError(problem('ERR_ARCHER_SHUTDOWN_INCOMPLETE', { reason: fault }));
  }
}

/** Compiled once here; a lane only makes an instance of it. */
async function compileDecoder(): Promise<WebAssembly.Module> {
  const path = fileURLToPath(new URL('../columns/decode/decoder.wasm', import.meta.url));
  const bytes = readHead(nodeStorage, path, decoderBytesMax);
  if (bytes === undefined) {
    throw new ArcherError(problem('ERR_ARCHER_INSTALLATION_BROKEN', { path }));
  }
  return WebAssembly.compile(bytes);
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
    throw new ArcherError(listenProblem('dashboard', host, port, error), { cause: error });
  }
}
