/**
 * Looks after what a recorder has written: the catalogue, sealed files, retention and schedules.
 *
 *     sealed, cron, low space ──> what is wanted ──> one piece of work after the other
 *
 * 1. It works on the main thread, in steps of milliseconds, and no lane ever waits for it.
 * 2. While a lane recovers it does nothing: both would touch the same segments.
 */
import { setImmediate as eventLoopTurn, setTimeout as sleep } from 'node:timers/promises';
import { Catalogue } from '../disk/catalogue/catalogue.ts';
import type { SegmentSummary } from '../disk/catalogue/segment-summary.ts';
import { sealedPath } from '../disk/layout.ts';
import { sealAsFile } from '../disk/segment/sealed-file.ts';
import type { Storage } from '../disk/storage.ts';
import type { Clock } from '../shared/clock.ts';
import type { Journal } from '../shared/journal.ts';
import type { Signal } from '../shared/signal.ts';
import { type CronSchedule, openSchedule } from './cron-schedule.ts';
import type { RetentionLimits } from './retention-plan.ts';
import { type RetentionCount, Sweeper } from './sweeper.ts';

/** What a reload may change. */
export interface RetentionSettings {
  readonly limits: RetentionLimits;
  /** Cron expressions. */
  readonly sweepSchedule: string;
  readonly rotationSchedule: string | undefined;
}

export interface SealedSegmentsOptions {
  readonly storage: Storage;
  readonly outputDir: string;
  readonly signals: readonly Signal[];
  readonly clock: Clock;
  readonly journal: Journal;
  readonly settings: RetentionSettings;
  /** Seals the active segments, as `rotation.schedule` asks. */
  readonly rotate: () => Promise<unknown>;
  /** Told of each segment right before retention deletes it, and by what it returns right after. */
  readonly onDeleting: (segment: SegmentSummary) => () => void;
}

/** As interface.md promises. */
const spaceLookMs = 1_000;

/** A catalogue that is a little old costs the reading of what it lacks, at the next start. */
const saveMs = 10_000;

/** Rewriting a segment takes tenths of a second. */
const pollMs = 10;

export class SealedSegments {
  readonly #options: SealedSegmentsOptions;
  readonly #catalogue: Catalogue;
  readonly #sweeper: Sweeper;
  readonly #staged = new Set<string>();
  #settings: RetentionSettings;
  #schedules: readonly CronSchedule[] = [];
  #timers: readonly NodeJS.Timeout[] = [];
  #isSweepWanted = false;
  #isSaveWanted = false;
  #isPaused = true;
  #isClosing = false;
  #isClosed = false;
  #isWorking = false;
  #working: Promise<void> = Promise.resolve();
  #lastFault: string | undefined;
  /** Nobody's, so that nothing is deleted before it is known. */
  #recorderId = '';

  /** Begins when the first lane records (`resume`), with a sweep. */
  constructor(options: SealedSegmentsOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.#catalogue = new Catalogue(options);
    this.#sweeper = new Sweeper({
      ...options,
      recorderId: () => this.#recorderId,
      catalogue: this.#catalogue,
      limits: () => this.#settings.limits,
    });
    this.#openSchedules();
    const save = () => {
      this.#isSaveWanted = this.#catalogue.isChanged;
      this.#wake();
    };
    this.#timers = [
      setInterval(() => this.lookAtSpace(), spaceLookMs).unref(),
      setInterval(save, saveMs).unref(),
    ];
  }

  /** The sealed segments, in no order; not all of them until the catalogue is complete. */
  get segments(): readonly SegmentSummary[] {
    return this.#catalogue.segments;
  }

  get retentionCounts(): readonly RetentionCount[] {
    return this.#sweeper.counts;
  }

  /** To be told of each segment that a lane has sealed. */
  sealed(path: string): void {
    this.#attempt(() => this.#catalogue.look(path));
    if (sealedPath(path) !== undefined) this.#staged.add(path);
    this.#wake();
  }

  /** Sweeps if too little space is free. */
  lookAtSpace(): void {
    this.#attempt(() => {
      if (this.#sweeper.isSpaceLow) this.#wantSweep();
    });
  }

  /** Resolves when a sweep that begins now has ended, and nothing else is left to do. */
  async sweep(): Promise<void> {
    this.#wantSweep();
    await this.settled();
  }

  /** Resolves when nothing is left to do; at once while it is paused. */
  async settled(): Promise<void> {
    while (this.#isWorking) await this.#working;
  }

  /** Resolves with where segments lie that a lane has just sealed, once they lie there for good. */
  async finalPaths(paths: readonly string[]): Promise<string[]> {
    while (this.#isWorking && paths.some((path) => this.#staged.has(path))) await sleep(pollMs);
    return paths.map((path) => {
      const target = sealedPath(path);
      return target !== undefined && this.#catalogue.get(target) !== undefined ? target : path;
    });
  }

  /** Returns when a lane may recover: nothing is being done, and there is room if there can be. */
  async prepare(recorderId: string): Promise<void> {
    this.#recorderId = recorderId;
    await this.settled();
    if (this.#attempt(() => this.#sweeper.isSpaceLow) !== true) return;
    this.resume();
    await this.settled();
    this.pause();
  }

  /** A lane has died and will recover. */
  pause(): void {
    this.#isPaused = true;
  }

  /** A lane records; its recovery may have changed anything. */
  resume(): void {
    this.#isPaused = false;
    this.#wantSweep();
  }

  reconfigure(settings: RetentionSettings): void {
    this.#settings = settings;
    for (const schedule of this.#schedules) schedule.close();
    this.#openSchedules();
    this.#wantSweep();
  }

  /** To be called when no lane writes any more: finishes what is staged, keeps the catalogue. */
  async close(): Promise<void> {
    for (const schedule of this.#schedules) schedule.close();
    for (const timer of this.#timers) clearInterval(timer);
    this.#isClosing = true;
    await this.settled();
    this.#isClosed = true;
    this.#attempt(() => {
      if (this.#catalogue.isChanged) this.#catalogue.save();
    });
  }

  #openSchedules(): void {
    const { journal, rotate } = this.#options;
    const { sweepSchedule, rotationSchedule } = this.#settings;
    const sweep = () => this.sweep();
    this.#schedules = [
      openSchedule('retention.schedule', sweepSchedule, sweep, journal),
      ...(rotationSchedule === undefined
        ? []
        : [openSchedule('rotation.schedule', rotationSchedule, rotate, journal)]),
    ];
  }

  #wantSweep(): void {
    this.#isSweepWanted = true;
    this.#wake();
  }

  #wake(): void {
    if (this.#isWorking || this.#isPaused || this.#isClosed) return;
    this.#isWorking = true;
    this.#working = this.#work();
  }

  async #work(): Promise<void> {
    // What wakes it has its say first: a constructor or a message of the lane is not held up.
    await eventLoopTurn();
    for (let piece = this.#next(); piece !== undefined; piece = this.#next()) await piece();
    this.#isWorking = false;
  }

  /** What is to be done now; undefined when nothing is. */
  #next(): (() => Promise<void>) | undefined {
    if (this.#isPaused) return undefined;
    const [staged] = this.#staged;
    if (staged !== undefined) return () => this.#seal(staged);
    // Nobody waits at the end for what the next start does as well.
    if (this.#isClosing) return undefined;
    if (!this.#catalogue.isComplete) return () => this.#readNext();
    if (this.#isSweepWanted) return () => this.#sweep();
    return this.#isSaveWanted ? () => this.#save() : undefined;
  }

  async #seal(path: string): Promise<void> {
    const { storage, outputDir } = this.#options;
    const { freeBytesMin } = this.#settings.limits;
    const target = await this.#run(sealAsFile(storage, outputDir, path, freeBytesMin));
    this.#staged.delete(path);
    this.#attempt(() => {
      this.#catalogue.look(path);
      if (target !== undefined) this.#catalogue.look(target);
    });
  }

  async #readNext(): Promise<void> {
    this.#attempt(() => this.#catalogue.readNext());
    await eventLoopTurn();
  }

  async #sweep(): Promise<void> {
    this.#isSweepWanted = false;
    this.#attempt(() => this.#catalogue.refresh());
    while (!this.#catalogue.isComplete && !this.#isHeld) await this.#readNext();
    if (this.#isHeld) return;
    await this.#run(this.#sweeper.sweep());
    // Those too that could not be rewritten before, as the disk was full, or in an earlier run.
    for (const { path, ranges } of this.#catalogue.segments) {
      const isOwn = ranges?.every(({ recorder }) => recorder === this.#recorderId);
      if (isOwn && sealedPath(path) !== undefined) this.#staged.add(path);
    }
  }

  get #isHeld(): boolean {
    return this.#isPaused || this.#isClosing;
  }

  async #save(): Promise<void> {
    this.#isSaveWanted = false;
    this.#attempt(() => this.#catalogue.save());
  }

  /** Step by step, with a turn of the event loop between; given up when a lane has died. */
  async #run<T>(steps: Generator<void, T, undefined>): Promise<T | undefined> {
    let step = this.#attempt(() => steps.next());
    while (step?.done === false) {
      await eventLoopTurn();
      if (this.#isPaused) {
        this.#attempt(() => steps.return(undefined as T));
        return undefined;
      }
      step = this.#attempt(() => steps.next());
    }
    return step?.value as T | undefined;
  }

  /** Nothing that goes wrong here may end the recorder; it is tried again with the next sweep. */
  #attempt<T>(action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      const { message } = error as Error;
      // A disk that fails does so again and again.
      if (message !== this.#lastFault) {
        this.#options.journal.write('warn', `looking after the archive: ${message}`);
      }
      this.#lastFault = message;
      return undefined;
    }
  }
}
