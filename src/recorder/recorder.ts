/**
 * The composition root of the main thread: opens a recorder's parts and joins them.
 *
 *     open:   dashboard ──> directory ──> lane recovers ──> receivers, forwarding
 *     close:  dashboard ──> receivers, forwarding ──> lane ──> sealed segments ──> directory
 */
import type { Config } from '../config/config.ts';
import { nativeDecompress } from '../disk/ipc/zstd.ts';
import type { LockPorts } from '../disk/lock/lock-file.ts';
import { systemProcesses } from '../disk/lock/process-identity.ts';
import { nodeStorage } from '../disk/storage.ts';
import { Forwarding } from '../forward/forwarding.ts';
import { SealedSegments } from '../retention/sealed-segments.ts';
import { LaneProgress } from '../ring/lane-progress.ts';
import type { LaneLayout } from '../ring/layout.ts';
import { createRequestCounts } from '../ring/request-counts.ts';
import type { OpenServer } from '../serve/server.ts';
import { systemClock } from '../shared/clock.ts';
import { ArcherError, type Problem, problem } from '../shared/errors.ts';
import { invariant } from '../shared/invariant.ts';
import type { Journal } from '../shared/journal.ts';
import { signals } from '../shared/signal.ts';
import { openReceiverClient, type ReceiverClient } from '../threads/receiver-client.ts';
import { ClockWatch } from './clock-watch.ts';
import { openDashboard } from './dashboard.ts';
import { commandMsMax, commandOrFault, dashboardView } from './dashboard-view.ts';
import { HeldDirectory } from './held-directory.ts';
import { createLaneMemory, type LaneMemory, laneStarter } from './lane-starter.ts';
import { LaneSupervisor, type LaneSupervisorEvents } from './lane-supervisor.ts';
import { retentionSettingsOf } from './retention-settings.ts';
import { type RecorderSummary, RunTotals } from './run-totals.ts';
import { ThreadWatch } from './thread-watch.ts';

export type { RecorderSummary } from './run-totals.ts';

/** Time for open requests to end at a stop. */
const shutdownGraceMs = 5_000;

/**
 * Time for the lane to write and sync what it holds at a stop. With the grace above and the longest
 * wait of a published request, a stop ends within a minute.
 */
const laneStopMsMax = 40_000;

/** Indexes of the threads in the heartbeats, and their names in messages. */
const laneThread = 0;
const receiverThread = 1;
const threadNames = ['the lane', 'the receiver'] as const;

export type RecorderPorts = LockPorts;

/** Returns an open recorder. Rejects as `Recorder.open` does. */
export async function openRecorder(config: Config, journal: Journal): Promise<Recorder> {
  const recorder = new Recorder(config, journal);
  await recorder.open();
  return recorder;
}

export class Recorder {
  /** Resolves with the reason when the recorder cannot go on. Then shut it down. */
  readonly failed: Promise<Problem>;
  readonly #journal: Journal;
  /** The configuration of the start, or of the last reload. */
  #config: Config;
  /** Shared with the lane, and with the one that follows it if it dies. */
  readonly #laneMemory: LaneMemory;
  readonly #requests = createRequestCounts();
  readonly #totals: RunTotals;
  readonly #directory: HeldDirectory;
  readonly #archive: SealedSegments;
  readonly #lane: LaneSupervisor;
  readonly #threads: ThreadWatch;
  readonly #clockWatch: ClockWatch;
  #dashboard: OpenServer | undefined;
  #receiver: ReceiverClient | undefined;
  /** Follows the one lane. It exists from the first time on that the lane records. */
  #forwarding: Forwarding | undefined;
  /** Where receivers find the lane; undefined while no lane takes frames. */
  #ring: { readonly memory: WebAssembly.Memory; readonly layout: LaneLayout } | undefined;
  /** Why the lane cannot write to the disk; null while it can. */
  #storageFault: string | null = null;
  #ports: RecorderPorts | undefined;
  #opening: Promise<void> | undefined;
  #closing: Promise<RecorderSummary> | undefined;
  #fail: (reason: Problem) => void = () => {};

  /** Opens nothing yet. */
  constructor(config: Config, journal: Journal) {
    const { output_dir: outputDir, lanes } = config;
    const shared = { storage: nodeStorage, outputDir, clock: systemClock, journal };
    this.#config = config;
    this.#journal = journal;
    this.#laneMemory = createLaneMemory(lanes, threadNames.length);
    this.#totals = new RunTotals(journal);
    this.#directory = new HeldDirectory({ ...shared, processes: systemProcesses(nodeStorage) });
    const watched = { heartbeats: this.#laneMemory.heartbeats, names: threadNames };
    this.#threads = new ThreadWatch({ ...watched, clock: systemClock, journal });
    this.#clockWatch = new ClockWatch(systemClock, journal);
    this.#archive = new SealedSegments({
      ...{ ...shared, signals, settings: retentionSettingsOf(config) },
      rotate: () => commandOrFault(this.#lane, { kind: 'rotate', reason: 'schedule' }),
      onDeleting: (segment) => this.#forwarding?.prepareDeletion(segment) ?? (() => {}),
      isDiskHanging: () => this.#threads.anyHang !== undefined,
    });
    this.#lane = new LaneSupervisor({
      start: laneStarter({
        ...{ storage: nodeStorage, directory: this.#directory, archive: this.#archive },
        ...{ config: () => this.#config, shared: this.#laneMemory },
      }),
      ...{ events: this.#laneEvents(), clock: systemClock, journal },
    });
    this.failed = new Promise((resolve) => {
      this.#fail = resolve;
    });
    void Promise.race([this.#lane.failed, this.#directory.lost]).then(this.#fail);
    void this.#directory.lost.then(() => this.#lane.abandon());
  }

  /** The ports of an open recorder. */
  get ports(): RecorderPorts {
    invariant(this.#ports !== undefined, 'the recorder is open');
    return this.#ports;
  }

  /**
   * Opens the dashboard port at once. Resolves once the lane has recovered what an earlier run left
   * and the OTLP ports are open, or once the lane waits for a disk that is full. Then the OTLP
   * ports answer with the retryable refusal. If a part cannot be opened, or after `shutdown`, it
   * closes the others and rejects with an ArcherError: a code of the chapter "Recorder" in
   * docs/errors.md.
   */
  async open(): Promise<void> {
    try {
      this.#opening = this.#open();
      await this.#opening;
    } catch (error) {
      await this.shutdown().catch(() => {});
      throw error;
    }
  }

  /** Takes up the settings that a reload may change. */
  reconfigure(changed: Config): void {
    this.#config = changed;
    this.#archive.reconfigure(retentionSettingsOf(changed));
    void this.#forwarding?.change(changed.forwarding, shutdownGraceMs);
    this.#configureLane();
  }

  /** Reads certificates, keys and client CAs again; new connections use them. Never throws. */
  reloadCertificates(cause: string): void {
    this.#receiver?.reloadTls(cause);
    this.#forwarding?.reloadTls(cause);
  }

  /**
   * May be called at any moment. While the recorder opens, this ends the recovery, which the
   * next start repeats. An open recorder stops accepting, gives open requests at most 5 s to end,
   * writes what it holds and seals. Rejects with ERR_ARCHER_SHUTDOWN_INCOMPLETE if some rows are
   * not in segments, and with ERR_ARCHER_LANE_TIMEOUT if the disk hangs.
   */
  shutdown(): Promise<RecorderSummary> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /**
   * Ends all threads at once, whatever they do. Never resolves if one of them is blocked in a call
   * of the operating system.
   */
  async endThreads(): Promise<void> {
    await Promise.all([this.#lane.endThread(), this.#receiver?.end()]);
  }

  async #open(): Promise<void> {
    const config = this.#config;
    this.#dashboard = await openDashboard(config, this.#view());
    this.#assertOpening();
    // If the disk is full, nothing is held yet: the lane is started once the directory is held.
    await this.#directory.take();
    this.#assertOpening();
    await this.#lane.open();
    this.#assertOpening();
    this.#receiver = await openReceiverClient(
      {
        ...{ config, signals, ringIndex: 0, requestCounts: this.#requests },
        ...{ heartbeats: this.#laneMemory.heartbeats, threadIndex: receiverThread },
      },
      this.#journal,
    );
    void this.#receiver.died.then(this.#fail);
    if (this.#ring !== undefined) this.#receiver.send({ kind: 'lane', ...this.#ring });
    this.#ports = { ...this.#receiver.ports, dashboard: this.#dashboard?.port ?? null };
    this.#directory.setPorts(this.#ports);
  }

  async #close(): Promise<RecorderSummary> {
    const failures: unknown[] = [];
    const attempt = async (step: Promise<unknown> | undefined) => {
      await step?.catch((error) => failures.push(error));
    };
    if (this.#lane.recovery() !== undefined) await attempt(this.#stopLane());
    await this.#opening?.catch(() => {});
    await attempt(this.#dashboard?.close());
    // Neither waits for the other. The next start forwards what is not forwarded now.
    const forwarded = this.#forwarding?.stop(shutdownGraceMs);
    await attempt(Promise.all([this.#receiver?.stop(shutdownGraceMs), forwarded]));
    await attempt(this.#stopLane());
    this.#threads.close();
    this.#clockWatch.close();
    // The main thread would hang as the lane does: the next start finds the lock of a dead process.
    if (!failures.some(isTimeout)) {
      await attempt(this.#archive.close());
      this.#directory.release();
    }
    if (failures.length > 0) throw failures[0];
    return this.#totals.summary();
  }

  #assertOpening(): void {
    if (this.#closing === undefined) return;
    const reason = 'the recorder was stopped while it started';
    throw new ArcherError(problem('ERR_ARCHER_LANE_UNAVAILABLE', { reason }));
  }

  #laneEvents(): LaneSupervisorEvents {
    return {
      onStorage: (fault) => this.#onStorage(fault),
      onSealed: (segment) => {
        this.#archive.sealed(segment.path);
        this.#totals.add(segment);
      },
      onLockMissing: () => this.#directory.restoreLock(),
      onLane: ({ recorderId, memory, config }, layout) => {
        this.#onStorage(null);
        // A reload may have come while the lane was starting.
        if (config !== this.#config) this.#configureLane();
        // The cursors must be durable before anything can be acknowledged.
        this.#startForwarding(recorderId);
        this.#archive.resume();
        this.#ring = { memory, layout };
        this.#receiver?.send({ kind: 'lane', memory, layout });
      },
      onLost: () => {
        this.#threads.reset(laneThread);
        this.#archive.pause();
        this.#ring = undefined;
        this.#receiver?.send({ kind: 'lost' });
      },
    };
  }

  /** A lane that starts takes no command: it gets the configuration in `onLane`. */
  #configureLane(): void {
    const request = { kind: 'reconfigure', config: this.#config } as const;
    this.#lane.command(request, commandMsMax).catch(() => {});
  }

  #startForwarding(recorderId: string): void {
    const firstLane = new LaneProgress(this.#laneMemory.progress, 0);
    this.#forwarding ??= new Forwarding({
      ...{ storage: nodeStorage, outputDir: this.#config.output_dir, recorderId, lane: 0 },
      ...{ decompress: nativeDecompress(), clock: systemClock, journal: this.#journal },
      progress: () => firstLane.read(),
    });
    this.#forwarding.start(this.#config.forwarding);
  }

  #onStorage(fault: string | null): void {
    if (fault === this.#storageFault) return;
    this.#storageFault = fault;
    if (fault === null) this.#journal.write('info', 'the disk takes what is written again');
    else {
      this.#archive.lookAtSpace();
      this.#journal.write('error', `requests are refused until the disk can be written: ${fault}`);
    }
  }

  #view() {
    return dashboardView({
      ...{ lane: this.#lane, archive: this.#archive },
      ...{ tallies: this.#laneMemory.tallies, requests: this.#requests },
      storageFault: () => this.#storageFault,
      laneHang: () => this.#threads.hang(laneThread),
      receiverHang: () => this.#threads.hang(receiverThread),
      destinations: () => this.#forwarding?.statuses() ?? [],
    });
  }

  /** Rejects if acknowledged rows could not be written. With a log, the next start has them. */
  async #stopLane(): Promise<void> {
    const { fault } = await this.#lane.stop(laneStopMsMax);
    if (fault === undefined) return;
    throw new ArcherError(problem('ERR_ARCHER_SHUTDOWN_INCOMPLETE', { reason: fault }));
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof ArcherError && error.code === 'ERR_ARCHER_LANE_TIMEOUT';
}
