/** What a lane's thread does: it recovers what an earlier run left, then records until `stop`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { BatchEncoder } from '../columns/arrow/batch-encoder.ts';
import { openRequestDecoder, type RequestDecoder } from '../columns/request-decoder.ts';
import type { Config } from '../config/config.ts';
import type { Storage } from '../disk/storage.ts';
import { CompressorGarbage, finishInTurns } from '../lane/event-loop-turns.ts';
import { FrameLog } from '../lane/frame-log.ts';
import { HexIdWarning } from '../lane/hex-id-warning.ts';
import { Lane } from '../lane/lane.ts';
import { LaneCommands } from '../lane/lane-commands.ts';
import type { LaneCommand, LaneReply, LaneStart } from '../lane/lane-messages.ts';
import { type RecoveredLane, recoverLane } from '../lane/lane-recovery.ts';
import { restorePrivateFiles } from '../lane/private-files.ts';
import { measureRecovery } from '../lane/recovery-progress.ts';
import { StorageFault } from '../lane/storage-fault.ts';
import { VanishedFiles } from '../lane/vanished-files.ts';
import { Consumer } from '../ring/consumer.ts';
import { Heartbeat } from '../ring/heartbeat.ts';
import { LaneProgress } from '../ring/lane-progress.ts';
import { initialiseLane, type LaneLayout, layoutBytes, planLayout } from '../ring/layout.ts';
import { TallyWriter } from '../ring/tallies.ts';
import type { Clock } from '../shared/clock.ts';
import type { Compress } from '../shared/compress.ts';
import { type Journal, onceJournal } from '../shared/journal.ts';
import { heartbeatStorage } from './heartbeat-storage.ts';

/** The longest sleep between two turns; the age of a segment need not be known more exactly. */
const sleepMsMax = 1_000;

/** Time between two attempts to recover while the disk is full or fails. */
const recoverAgainMs = 1_000;

/** Commands that come between two attempts, above all a stop, are answered within this time. */
const commandPollMs = 50;

/** One ring for the one receiver thread. */
const ringCount = 1;

export interface LaneThreadPorts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly compress: Compress;
  /** Sends a message to the main thread. */
  readonly reply: (message: LaneReply) => void;
  /** Returns the next command of the main thread; undefined if there is none. */
  readonly nextCommand: () => LaneCommand | undefined;
}

/**
 * Resolves after `stop` was answered. Rejects if the lane meets a defect; a disk that fails is
 * none: the lane reports it and tries again.
 */
export async function runLaneThread(start: LaneStart, ports: LaneThreadPorts): Promise<void> {
  const thread = new LaneThread(start, ports);
  const recovered = await thread.recover();
  if (recovered !== undefined) await thread.record(recovered);
}

class LaneThread {
  readonly #ports: LaneThreadPorts;
  readonly #heartbeat: Heartbeat;
  /** The configuration in it is replaced at each reload. */
  #start: LaneStart;
  readonly #journal: Journal;
  readonly #decoder: RequestDecoder;
  readonly #layout: LaneLayout;
  readonly #consumer: Consumer;
  readonly #tallies: TallyWriter;
  readonly #fault: StorageFault;
  readonly #garbage = new CompressorGarbage();

  constructor(start: LaneStart, ports: LaneThreadPorts) {
    const { config, memory } = start;
    const heartbeat = new Heartbeat(start.heartbeats, start.lane);
    const storage = heartbeatStorage(ports.storage, heartbeat, config.output_dir);
    const { clock, reply } = ports;
    this.#ports = { ...ports, storage };
    this.#heartbeat = heartbeat;
    this.#start = start;
    this.#journal = {
      write: (level, message, fields = {}) => reply({ kind: 'journal', level, message, fields }),
    };
    this.#decoder = openRequestDecoder(start.decoderModule, memory);
    this.#layout = layOutRings(this.#decoder, config);
    this.#consumer = new Consumer(memory.buffer, this.#layout);
    this.#tallies = new TallyWriter(start.tallies, start.lane);
    this.#fault = new StorageFault({
      clock,
      freeBytes: () => storage.freeBytes(config.output_dir),
      freeBytesMin: config['retention.min_free_bytes'],
      onChange: (reason) => reply({ kind: 'storage', fault: reason ?? null }),
    });
  }

  /**
   * Tries until the disk allows it. Resolves with undefined if `stop` came before: then everything
   * is left to the next start.
   */
  async recover(): Promise<RecoveredLane | undefined> {
    const { clock, compress, reply } = this.#ports;
    const { output_dir: outputDir } = this.#start.config;
    const storage = measureRecovery({
      ...{ storage: this.#ports.storage, outputDir, lane: this.#start.lane, clock },
      onProgress: (bytes) => reply({ kind: 'recovery', ...bytes }),
    });
    const encoder = new BatchEncoder(this.#decoder, this.#start.config.compression, compress);
    const options = {
      ...{ storage, clock, decoder: this.#decoder, tallies: this.#tallies, onSealed: reply },
      // Each attempt reports the same findings.
      journal: onceJournal(this.#journal),
      encode: (signal: Parameters<typeof encoder.encode>[0]) => {
        this.#garbage.add();
        return encoder.encode(signal);
      },
    };
    for (;;) {
      let recovered: RecoveredLane | undefined;
      await this.#fault.attemptLong(async () => {
        recovered = await finishInTurns(recoverLane({ ...options, start: this.#start }), clock);
      });
      if (recovered !== undefined || (await this.#isStoppedWithin(recoverAgainMs))) {
        return recovered;
      }
    }
  }

  /** Synchronous except for `free`, as nothing else runs in this thread. */
  async record(recovered: RecoveredLane): Promise<void> {
    const { reply, nextCommand } = this.#ports;
    const consumer = this.#consumer;
    const { lane, commands } = this.#join(recovered);
    const progress = new LaneProgress(this.#start.progress, this.#start.lane);
    progress.write(recovered.positions.next, lane.archivedBelow);
    reply({ kind: 'ready', layout: this.#layout });
    const hexIdWarning = new HexIdWarning(this.#decoder, this.#journal);
    for (;;) {
      this.#heartbeat.beat();
      const frameCount = lane.turn();
      hexIdWarning.check();
      progress.write(recovered.positions.next, lane.archivedBelow);
      await this.#garbage.free();
      // The bits only wake the lane. The main thread posts a command before it raises a bit.
      consumer.doorbell.takeRaised();
      const command = nextCommand();
      if (command !== undefined) reply(commands.execute(command));
      if (command?.kind === 'stop') return;
      if (frameCount === 0 && command === undefined) consumer.waitForWork(lane.sleepMs(sleepMsMax));
    }
  }

  /** Makes the lane and what carries out its commands. */
  #join({ log: opened, positions, segments, batches }: RecoveredLane) {
    const { config, lane: number, recorderId, memory } = this.#start;
    const { storage, clock, reply } = this.#ports;
    const [consumer, decoder, fault] = [this.#consumer, this.#decoder, this.#fault];
    const log = opened && new FrameLog({ lane: number, ...opened, consumer, memory });
    const onLockMissing = () => reply({ kind: 'lockMissing' });
    const files = { storage, outputDir: config.output_dir, recorderId, segments, onLockMissing };
    const vanishedFiles = new VanishedFiles({
      ...{ clock, segments: [...segments.writers.values()], batches, log },
      restoreFiles: () => restorePrivateFiles(files),
      journal: this.#journal,
    });
    const lane = new Lane({
      ...{ lane: number, positions, ringCount, consumer, decoder },
      ...{ tallies: this.#tallies, batches, segments, log, fault, vanishedFiles },
      batchBytesMax: config['batch.max_bytes'],
    });
    const reconfigure = (changed: Config) => {
      this.#reconfigure(changed);
      segments.reconfigure(changed);
    };
    return { lane, commands: new LaneCommands({ lane, vanishedFiles, reconfigure }) };
  }

  /** Refuses commands meanwhile, with the fault of the disk. Resolves with true at `stop`. */
  async #isStoppedWithin(ms: number): Promise<boolean> {
    const { clock, reply, nextCommand } = this.#ports;
    const endMs = clock.monotonicMs() + ms;
    while (clock.monotonicMs() < endMs) {
      await sleep(commandPollMs);
      this.#heartbeat.beat();
      const command = nextCommand();
      if (command === undefined) continue;
      const isStop = command.kind === 'stop';
      if (command.kind === 'reconfigure') this.#reconfigure(command.config);
      const done = { kind: 'done', id: command.id, rows: {}, sealed: [] } as const;
      const fault = this.#fault.writeReason;
      reply(isStop || fault === undefined ? done : { ...done, fault });
      if (isStop) return true;
    }
    return false;
  }

  /** Takes up what a reload may change; the rest of the configuration stays that of the start. */
  #reconfigure(config: Config): void {
    this.#start = { ...this.#start, config };
    this.#fault.setFreeBytesMin(config['retention.min_free_bytes']);
  }
}

/** Puts the rings into the decoder's memory, so that it reads each frame where it arrived. */
function layOutRings(decoder: RequestDecoder, config: Config): LaneLayout {
  const options = {
    ringCount,
    ringBytes: config['ring.bytes'],
    overflowBytes: config.max_request_bytes,
  };
  const planned = planLayout({ ...options, base: decoder.reserve(layoutBytes(options)) });
  initialiseLane(decoder.memory.buffer as SharedArrayBuffer, planned);
  return planned;
}
