/**
 * Manages the sealed segments of a recorder: the catalogue, sealed files, retention and schedules.
 *
 *     sealed, cron, low space ──> requested work ──> one piece of work after another
 *
 * 1. The work runs on the main thread, in steps of milliseconds, and no lane ever waits for it.
 * 2. While a lane recovers, no work is done: both would change the same segments.
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
import { CronSchedule } from './cron-schedule.ts';
import type { RetentionLimits } from './retention-plan.ts';
import { type RetentionCount, Sweeper } from './sweeper.ts';

/** The settings that a reload may change. */
export interface RetentionSettings {
  readonly limits: RetentionLimits;
  /** A cron expression. */
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
  /** Seals the active segments when `rotation.schedule` is due. */
  readonly rotate: () => Promise<unknown>;
  /**
   * Called right before retention deletes a segment. Its result is called right after the deletion.
   */
  readonly onDeleting: (segment: SegmentSummary) => () => void;
  /**
   * True while a lane waits for a call to the disk that does not return. Until it returns nothing
   * is read or written here, because the main thread would hang, too.
   */
  readonly isDiskHanging: () => boolean;
}

/** Low free space is noticed within a second. */
const spaceLookMs = 1_000;

/** If the saved catalogue is a little old, the next start reads the few segments that it lacks. */
const saveMs = 10_000;

/** Poll interval. Rewriting a segment takes tenths of a second. */
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
  /** Empty matches no recorder, so nothing is deleted before the recorder's id is known. */
  #recorderId = '';

  /** Work begins with a sweep when the first lane records and calls `resume`. */
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

  /** Returns the sealed segments in any order. Some are missing until the catalogue is complete. */
  get segments(): readonly SegmentSummary[] {
    return this.#catalogue.segments;
  }

  get retentionCounts(): readonly RetentionCount[] {
    return this.#sweeper.counts;
  }

  /** Must be called for each segment that a lane has sealed. */
  sealed(path: string): void {
    this.#sweeper.sealed(path);
    this.#attempt(() => this.#catalogue.look(path));
    if (sealedPath(path) !== undefined) this.#staged.add(path);
    this.#wake();
  }

  /** Requests a sweep if too little space is free. */
  lookAtSpace(): void {
    if (this.#options.isDiskHanging()) return;
    this.#attempt(() => {
      if (this.#sweeper.isSpaceLow) this.#wantSweep();
    });
  }

  /** Resolves when a sweep that begins now has ended and no other work is left. */
  async sweep(): Promise<void> {
    this.#wantSweep();
    await this.settled();
  }

  /** Resolves when no work is left. Resolves at once while work is paused. */
  async settled(): Promise<void> {
    while (this.#isWorking) await this.#working;
  }

  /**
   * Takes the paths of segments that a lane has just sealed. Resolves with their final paths, once
   * the segments have been moved there.
   */
  async finalPaths(paths: readonly string[]): Promise<string[]> {
    while (this.#isWorking && paths.some((path) => this.#staged.has(path))) await sleep(pollMs);
    return paths.map((path) => {
      const target = sealedPath(path);
      return target !== undefined && this.#catalogue.get(target) !== undefined ? target : path;
    });
  }

  /**
   * Resolves when a lane may recover: no work is in progress, and space has been freed if possible.
   */
  async prepare(recorderId: string): Promise<void> {
    this.#recorderId = recorderId;
    await this.settled();
    if (this.#attempt(() => this.#sweeper.isSpaceLow) !== true) return;
    this.resume();
    await this.settled();
    this.pause();
  }

  /** Stops the work because a lane has died and will recover. */
  pause(): void {
    this.#isPaused = true;
  }

  /** Continues the work because a lane records. Its recovery may have changed any segment. */
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

  /** Finishes the staged segments and saves the catalogue. Call it when no lane writes any more. */
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
    const { journal, clock, rotate } = this.#options;
    const { sweepSchedule, rotationSchedule } = this.#settings;
    const open = (name: string, expression: string, run: () => Promise<unknown>) => {
      return new CronSchedule({ name, expression, run, clock, journal });
    };
    this.#schedules = [
      open('retention.schedule', sweepSchedule, () => this.sweep()),
      ...(rotationSchedule === undefined
        ? []
        : [open('rotation.schedule', rotationSchedule, rotate)]),
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
    // Lets the caller continue first, so that this work does not delay a constructor or a message
    // from a lane.
    await eventLoopTurn();
    for (let piece = this.#next(); piece !== undefined; piece = this.#next()) await piece();
    this.#isWorking = false;
  }

  /** Returns the next piece of work; undefined if there is none. */
  #next(): (() => Promise<void>) | undefined {
    if (this.#isPaused || this.#options.isDiskHanging()) return undefined;
    const [staged] = this.#staged;
    if (staged !== undefined) return () => this.#seal(staged);
    // The next start does the rest of the work, so closing does not wait for it.
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
    // Also retries segments that could not be rewritten earlier, in this run or one before it, for
    // example because the disk was full.
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

  /** Runs the steps with a turn of the event loop between them. Stops early if a lane has died. */
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

  /** An error in this work must not end the recorder. The next sweep tries again. */
  #attempt<T>(action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      const { message } = error as Error;
      // A failing disk reports the same error again and again, so it is logged once.
      if (message !== this.#lastFault) {
        this.#options.journal.write('warn', `looking after the archive: ${message}`);
      }
      this.#lastFault = message;
      return undefined;
    }
  }
}
