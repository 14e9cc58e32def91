/**
 * Random runs, deaths and damage, compared with a plain list of requests: each request is archived
 * once.
 */
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { describe, it } from 'node:test';
import { endOfStream } from '../../../src/disk/ipc/ipc-format.ts';
import { type Signal, signals } from '../../../src/shared/signal.ts';
import { seededRandom, type TestRandom } from '../../random.ts';
import { Death, dyingStorage } from '../dying-storage.ts';
import {
  archivedRows,
  batchOf,
  emptyArchive,
  outputDir,
  pathOf,
  putCheckpoint,
  range,
  recover,
  schemaBytes,
} from '../left-archive.ts';

const schema = schemaBytes();

/** A segment as it is written: its batches and their bytes. */
interface Written {
  readonly number: number;
  readonly signal: Signal;
  readonly batches: { readonly positions: readonly number[]; readonly bytes: Buffer }[];
  isSealed: boolean;
}

/** The model's log is always whole, so it can replay everything that no segment has. */
class Model {
  readonly storage = emptyArchive();
  readonly #random: TestRandom;
  /** The signal of each position, starting at 1. Index 0 is unused. */
  readonly #frames: Signal[] = ['traces'];
  readonly #lost = new Set<number>();
  #archived: Record<Signal, number> = { traces: 0, metrics: 0, logs: 0 };
  #nextNumber = 1;
  #oldestOpen = 1;
  #written: Written[] = [];

  constructor(random: TestRandom) {
    this.#random = random;
  }

  /** Records some requests, and leaves the segments in their state at that moment. */
  run(): void {
    this.#written = [];
    const pending = new Map<Signal, number[]>();
    for (let step = this.#random.below(25); step > 0; step--) {
      const signal = signals[this.#random.below(3)]!;
      const held = pending.get(signal) ?? [];
      held.push(this.#frames.push(signal) - 1);
      pending.set(signal, held);
      if (this.#random.below(3) > 0) continue;
      this.#write(signal, held);
      pending.delete(signal);
      if (this.#random.below(5) === 0) this.#seal(signal);
    }
  }

  /** Tears, damages or duplicates parts, and writes everything to the disk. */
  die(): void {
    const [torn, damaged, doubled] = [0, 0, 0].map(() => this.#random.below(3) === 0);
    const files = this.#written.map((segment) => ({ segment, bytes: contentOf(segment) }));
    // If a segment were both duplicated and damaged, its copy would still hold rows that the model
    // counts as lost.
    if (damaged) this.#damage(files);
    else if (doubled) this.#double();
    if (torn) this.#tear(files);
    this.#putCheckpoint();
    for (const { segment, bytes } of files) this.#put(segment, bytes);
  }

  /** Recovers, possibly over several starts, and replays from the log what is not in segments. */
  recover(): void {
    const { storage } = this;
    for (let deaths = this.#random.below(3); deaths > 0; deaths--) {
      mayDie(() => recover(dyingStorage(storage, this.#random.below(300))));
    }
    const found = recover(storage);
    const missing = range(1, this.#frames.length - 1).filter((position) => {
      const isArchived = found.isArchived(this.#frames[position]!, position);
      assert.ok(isArchived || position >= found.neededFrom, `${position} is below neededFrom`);
      return !isArchived && !this.#lost.has(position);
    });
    const rows = archivedRows(storage);
    const expected = range(1, this.#frames.length - 1).filter((position) => {
      return !missing.includes(position) && !this.#lost.has(position);
    });
    assert.deepEqual(rows, expected);
    assert.ok(found.nextPosition > BigInt(rows.at(-1) ?? 0));
    assert.equal(found.nextSegmentNumber, this.#nextNumber);
    this.#replay(missing);
  }

  check(): void {
    const all = range(1, this.#frames.length - 1);
    assert.deepEqual(
      archivedRows(this.storage),
      all.filter((position) => !this.#lost.has(position)),
    );
  }

  #write(signal: Signal, positions: readonly number[]): void {
    let active = this.#written.find((segment) => segment.signal === signal && !segment.isSealed);
    if (active === undefined) {
      active = { number: this.#nextNumber++, signal, batches: [], isSealed: false };
      this.#written.push(active);
    }
    active.batches.push({ positions: [...positions], bytes: batchOf(positions) });
  }

  /** Seals a segment. The checkpoint may pass it or not. */
  #seal(signal: Signal): void {
    const active = this.#written.find((segment) => segment.signal === signal && !segment.isSealed);
    const last = active?.batches.at(-1)?.positions.at(-1);
    if (active === undefined || last === undefined) return;
    active.isSealed = true;
    if (this.#random.below(2) === 0) return;
    this.#archived = { ...this.#archived, [signal]: last };
    const open = this.#written.filter(({ isSealed }) => !isSealed).map(({ number }) => number);
    this.#oldestOpen = Math.min(this.#nextNumber, ...open, this.#firstSealedAfterCheckpoint());
    this.#putCheckpoint();
  }

  /** A segment that was sealed without a checkpoint must still be read by recovery. */
  #firstSealedAfterCheckpoint(): number {
    const isPassed = ({ signal, batches }: Written) =>
      (batches.at(-1)?.positions.at(-1) ?? 0) <= this.#archived[signal];
    const open = this.#written.filter((segment) => !isPassed(segment));
    return Math.min(...open.map(({ number }) => number), Number.POSITIVE_INFINITY);
  }

  /**
   * Changes a byte in the body of a batch. Positions that the checkpoint has passed are then lost.
   */
  #damage(files: { segment: Written; bytes: Buffer }[]): void {
    const file = files[this.#random.below(files.length)];
    if (file === undefined || file.segment.number < this.#oldestOpen) return;
    const { batches, signal } = file.segment;
    const index = this.#random.below(batches.length);
    const before = batches.slice(0, index + 1).reduce((sum, { bytes }) => sum + bytes.length, 0);
    file.bytes[schema.length + before - 1 - this.#random.below(60)]! ^= 1;
    for (const position of batches[index]!.positions) {
      if (position <= this.#archived[signal]) this.#lost.add(position);
    }
  }

  /** Cuts an active segment before the end of its last batch. */
  #tear(files: { segment: Written; bytes: Buffer }[]): void {
    const active = files.find(({ segment }) => !segment.isSealed);
    const last = active?.segment.batches.at(-1);
    if (active === undefined || last === undefined) return;
    const cut = 1 + this.#random.below(last.bytes.length - 1);
    active.bytes = active.bytes.subarray(0, active.bytes.length - cut);
    if (this.#random.below(3) > 0) return;
    active.bytes = Buffer.concat([active.bytes, Buffer.alloc(this.#random.below(5000))]);
  }

  /**
   * Writes the last batch of a segment again to a file of its own, as after a failed truncation.
   */
  #double(): void {
    const segment = this.#written[this.#random.below(this.#written.length)];
    const last = segment?.batches.at(-1);
    if (segment === undefined || last === undefined || segment.number < this.#oldestOpen) return;
    const copy = { ...segment, number: this.#nextNumber++, batches: [last], isSealed: false };
    this.#put(copy, contentOf(copy));
  }

  #put(segment: Pick<Written, 'number' | 'signal'>, bytes: Uint8Array): void {
    const path = `${outputDir}/${pathOf(segment)}`;
    this.storage.makeFolder(dirname(path));
    this.storage.put(path, bytes);
  }

  /** Replays positions. A batch ends before a position that is already archived. */
  #replay(missing: readonly number[]): void {
    this.#written = [];
    for (const signal of signals) {
      let held: number[] = [];
      for (const [position, other] of this.#frames.entries()) {
        if (other !== signal || position === 0) continue;
        if (missing.includes(position)) held.push(position);
        else if (held.length > 0) {
          this.#write(signal, held);
          held = [];
        }
      }
      if (held.length > 0) this.#write(signal, held);
    }
    for (const segment of this.#written) {
      segment.isSealed = true;
      this.#put(segment, contentOf(segment));
    }
    const last = this.#frames.length - 1;
    this.#archived = { traces: last, metrics: last, logs: last };
    this.#oldestOpen = this.#nextNumber;
    this.#putCheckpoint();
  }

  #putCheckpoint(): void {
    const { traces, metrics, logs } = this.#archived;
    const archived = { traces: BigInt(traces), metrics: BigInt(metrics), logs: BigInt(logs) };
    putCheckpoint(this.storage, {
      nextSegmentNumber: this.#nextNumber,
      oldestOpenNumber: this.#oldestOpen,
      lanes: [{ lane: 0, nextPosition: BigInt(this.#frames.length), archived }],
    });
  }
}

function contentOf({ batches, isSealed }: Written): Buffer {
  const end = isSealed ? [endOfStream] : [];
  return Buffer.concat([schema, ...batches.map(({ bytes }) => bytes), ...end]);
}

function mayDie(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof Death)) throw error;
  }
}

describe('recoverSegments: random histories', () => {
  it('each request that the log holds ends up in the archive, once', () => {
    const random = seededRandom();
    for (let history = 0; history < 40; history++) {
      const model = new Model(random);
      for (let generation = 0; generation < 6; generation++) {
        model.run();
        model.die();
        model.recover();
        model.check();
      }
    }
  });
});
