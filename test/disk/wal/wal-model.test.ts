/** Runs random histories of a log and compares it with a plain list of the appended frames. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WalItem } from '../../../src/disk/wal/wal-reader.ts';
import type { WalWriter } from '../../../src/disk/wal/wal-writer.ts';
import { frameBytes } from '../../../src/shared/frame.ts';
import { seededRandom, type TestRandom } from '../../random.ts';
import { bodyOf, endOf, openLog, range, readLog, stampedFrame } from '../example-log.ts';
import { FaultStorage } from '../fault-storage.ts';
import { VolatileStorage } from '../volatile-storage.ts';

const folder = '/out/.archer/wal/lane-3';
const historyCount = 150;
const stepsPerHistory = 50;

type Durability = 'logged' | 'synced';

/**
 * kept: must be read until it is released. open: was refused or never answered, and no append
 * followed; may be read. gone: must not be read again.
 */
type Fate = 'kept' | 'open' | 'gone';

/** A log, and the fates of all frames that were ever appended to it, by position. */
class History {
  readonly #random: TestRandom;
  readonly #durability: Durability;
  readonly #isPowerCut: boolean;
  readonly #disk = new VolatileStorage();
  readonly #storage = new FaultStorage(this.#disk);
  readonly #fates = new Map<number, { fate: Fate; readonly bodyBytes: number }>();
  #log: WalWriter;
  #neededFrom = 1;
  #nextPosition = 1;
  readonly counts = { appended: 0, refused: 0, full: 0, opened: 0, powerLosses: 0 };

  constructor(random: TestRandom, durability: Durability, isPowerCut: boolean) {
    this.#random = random;
    this.#durability = durability;
    this.#isPowerCut = isPowerCut;
    this.#log = openLog(this.#storage, folder, { durability });
  }

  step(): void {
    const choice = this.#random.below(20);
    if (choice < 13) this.#append();
    else if (choice < 16) this.#release(this.#random.below(12));
    else if (choice < 18) this.#check(readLog(this.#storage, folder, this.#neededFrom));
    else this.#reopen();
  }

  end(): void {
    this.#reopen();
    this.#log.close();
  }

  #append(): void {
    const sizes = Array.from({ length: 1 + this.#random.below(4) }, () => this.#bodyBytes());
    const groupBytes = sizes.reduce((sum, bytes) => sum + frameBytes(bytes), 0);
    // Frames that are refused before they reach the log leave gaps in the positions.
    if (this.#random.below(20) === 0) this.#nextPosition += this.#random.below(5);
    const epoch = this.#log.begin(groupBytes, this.#nextPosition);
    if (epoch === 'full') {
      this.counts.full += 1;
      this.#release(1000);
      const again = this.#log.begin(groupBytes, this.#nextPosition);
      assert.notEqual(again, 'full', 'all is released and still no room');
      return;
    }
    const first = this.#nextPosition;
    this.#nextPosition += sizes.length;
    const positions = range(first, this.#nextPosition - 1);
    const frames = positions.map((position, index) =>
      stampedFrame(bodyOf(position, sizes[index]!), { position, epoch }),
    );
    for (const [index, position] of positions.entries()) {
      this.#fates.set(position, { fate: 'open', bodyBytes: sizes[index]! });
    }
    this.#breakSomething(groupBytes);
    if (this.#written(() => this.#log.append(frames, first, this.#nextPosition - 1))) {
      this.#settle(positions);
    }
    this.#storage.heal();
  }

  /** Usually small, sometimes half a file or more than a file. */
  #bodyBytes(): number {
    const kind = this.#random.below(40);
    if (kind === 0) return 4000 + this.#random.below(20_000);
    return this.#random.below(kind < 6 ? 3000 : 200);
  }

  #breakSomething(groupBytes: number): void {
    const kind = this.#random.below(24);
    const code = this.#random.below(2) === 0 ? 'ENOSPC' : 'EIO';
    const bytesBefore = this.#random.below(groupBytes + 100);
    if (kind === 0 || kind === 1) this.#storage.failOnce('write', code, { bytesBefore });
    else if (kind === 2) this.#storage.failOnce('syncData', 'EIO');
    else if (kind === 3) this.#storage.failOnce('open', 'ENOSPC');
    else if (kind === 4) this.#storage.bytesPerCallMax = 1 + this.#random.below(300);
  }

  #written(append: () => void): boolean {
    try {
      append();
      // The process may die between append and sync. The group was then never answered.
      if (this.#random.below(30) === 0) {
        this.#reopen();
        return false;
      }
      this.#log.sync();
      this.counts.appended += 1;
      return true;
    } catch (error) {
      assert.ok(
        ['ENOSPC', 'EIO'].includes((error as NodeJS.ErrnoException).code ?? ''),
        String(error),
      );
      this.counts.refused += 1;
      return false;
    }
  }

  /** A group was appended, so earlier refused frames must not appear any more. */
  #settle(positions: readonly number[]): void {
    for (const entry of this.#fates.values()) if (entry.fate === 'open') entry.fate = 'gone';
    for (const position of positions) this.#fates.get(position)!.fate = 'kept';
    assert.equal(this.#log.lastPosition, positions.at(-1));
  }

  #release(count: number): void {
    this.#neededFrom = Math.min(this.#neededFrom + count, this.#nextPosition);
    this.#log.release(this.#neededFrom);
  }

  /** The process ends cleanly or not, possibly with a power loss. Then it starts again. */
  #reopen(): void {
    this.#storage.heal();
    const kind = this.#random.below(3);
    if (kind === 0) this.#log.close();
    else if (kind === 1) this.#losePower();
    const items = readLog(this.#storage, folder, this.#neededFrom);
    const given = this.#check(items);
    for (const position of given) this.#fates.get(position)!.fate = 'kept';
    const { nextPosition } = endOf(items);
    assert.ok(nextPosition <= this.#nextPosition);
    const change = { durability: this.#durability, neededFrom: this.#neededFrom };
    this.#log = openLog(this.#storage, folder, change);
    this.counts.opened += 1;
  }

  /** With `logged`, recent writes may be lost. Frames that are read afterwards stay. */
  #losePower(): void {
    if (!this.#isPowerCut) return;
    this.#disk.losePower(this.#random);
    this.counts.powerLosses += 1;
    if (this.#durability === 'synced') return;
    for (const entry of this.#fates.values()) entry.fate = 'open';
  }

  /** Required frames are read once, in order and unchanged. Forbidden frames are not read. */
  #check(items: readonly WalItem[]): ReadonlySet<number> {
    const given = new Set<number>();
    let last = this.#neededFrom - 1;
    for (const item of items) {
      if (item.kind === 'loss') this.#checkLoss(item.from, item.to);
      if (item.kind !== 'frame') continue;
      const { position, body } = item;
      assert.ok(position > last, `${position} comes after ${last}`);
      const entry = this.#fates.get(position);
      assert.ok(entry !== undefined && entry.fate !== 'gone', `${position} came back`);
      assert.deepEqual(body, bodyOf(position, entry.bodyBytes));
      given.add(position);
      last = position;
    }
    for (const [position, { fate }] of this.#fates) {
      const isDue = fate === 'kept' && position >= this.#neededFrom;
      assert.ok(!isDue || given.has(position), `${position} is missing`);
    }
    return given;
  }

  #checkLoss(from: number, to: number): void {
    for (const position of range(from, to)) {
      assert.notEqual(this.#fates.get(position)?.fate, 'kept', `${position} is called lost`);
    }
  }
}

const worlds = [
  { durability: 'logged', isPowerCut: false },
  { durability: 'logged', isPowerCut: true },
  { durability: 'synced', isPowerCut: true },
] as const;

describe('the log beside a list', () => {
  for (const { durability, isPowerCut } of worlds) {
    const world = `${durability}${isPowerCut ? ' and power losses' : ''}`;
    it(`${world}, random histories: all that must be there is read once and in order`, () => {
      const random = seededRandom();
      const sums = { appended: 0, refused: 0, full: 0, opened: 0, powerLosses: 0 };
      for (let index = 0; index < historyCount; index++) {
        const history = new History(random, durability, isPowerCut);
        for (let step = 0; step < stepsPerHistory; step++) history.step();
        history.end();
        for (const name of Object.keys(sums) as (keyof typeof sums)[]) {
          sums[name] += history.counts[name];
        }
      }
      for (const name of ['appended', 'refused', 'full', 'opened'] as const) {
        assert.ok(sums[name] > 0, `no history had any ${name}`);
      }
      assert.equal(sums.powerLosses > 0, isPowerCut);
    });
  }
});
