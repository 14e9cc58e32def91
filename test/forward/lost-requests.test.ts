/** Requests that retention deletes before they are sent: counted once, and only if unreadable. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Cursor } from '../../src/forward/cursor.ts';
import { LostRequests } from '../../src/forward/lost-requests.ts';
import { signals } from '../../src/shared/signal.ts';
import { seededRandom } from '../random.ts';

function open({
  through = 0,
  oldest = 10,
}: {
  through?: number;
  oldest?: number | undefined;
} = {}) {
  const log: { oldest: number | undefined } = { oldest };
  const counts: number[] = [];
  const cursor = new Cursor(0);
  cursor.addSignals(signals, through);
  const lost = new LostRequests({
    cursor,
    oldestPosition: () => log.oldest,
    onLost: (count) => counts.push(count),
  });
  return { lost, counts, cursor, log };
}

describe('LostRequests', () => {
  it('not sent and not in the log: lost at once', () => {
    const { lost, counts } = open({ through: 3 });
    lost.onSegmentDeleted('traces', [1, 2, 3, 4, 5, 9]);
    assert.deepEqual(counts, [3]);
  });

  it('all sent: none is lost', () => {
    const { lost, counts } = open({ through: 20 });
    lost.onSegmentDeleted('traces', [1, 2, 15]);
    lost.onPassed('traces', 100);
    assert.deepEqual(counts, []);
  });

  it('in flight: in memory, and so not lost', () => {
    const { lost, counts, cursor } = open();
    cursor.begin('traces', 4);
    lost.onSegmentDeleted('traces', [4, 5]);
    assert.deepEqual(counts, [1]);
  });

  it('still in the log: lost when its own signal is passed there', () => {
    const { lost, counts } = open();
    lost.onSegmentDeleted('traces', [11, 12, 20]);
    lost.onSegmentDeleted('logs', [13]);
    assert.deepEqual(counts, []);
    lost.onPassed('traces', 12);
    assert.deepEqual(counts, [2]);
    lost.onPassed('traces', 30);
    lost.onPassed('traces', 30);
    lost.onPassed('logs', 30);
    assert.deepEqual(counts, [2, 1, 1]);
  });

  it('still in the log and sent from there: not lost', () => {
    const { lost, counts } = open();
    lost.onSegmentDeleted('traces', [11, 12, 14]);
    lost.onSegmentDeleted('traces', [13]);
    for (const position of [11, 12, 13]) lost.onBegin('traces', position);
    assert.deepEqual(counts, []);
    lost.onBegin('traces', 20);
    assert.deepEqual(counts, [1]);
  });

  it('frames in memory: not lost, although the log no longer holds them', () => {
    const { lost, counts, log } = open();
    lost.onLogRead(15);
    log.oldest = 100;
    lost.onSegmentDeleted('traces', [14, 15, 16]);
    assert.deepEqual(counts, [1]);
    lost.onBegin('traces', 14);
    lost.onBegin('traces', 15);
    lost.onPassed('traces', 15);
    assert.deepEqual(counts, [1]);
  });

  it('a segment that is being read: lost only if its rest is not read', () => {
    const { lost, counts, cursor, log } = open();
    log.oldest = 100;
    lost.onArchiveRead('traces');
    lost.onBegin('traces', 4);
    cursor.begin('traces', 4);
    lost.onSegmentDeleted('traces', [3, 4, 5, 6, 7]);
    lost.onSegmentDeleted('traces', [8, 9]);
    assert.deepEqual(counts, [2]);
    lost.onBegin('traces', 6);
    assert.deepEqual(counts, [2, 1]);
    lost.onPassed('traces', 99);
    assert.deepEqual(counts, [2, 1, 1]);
  });

  it('begun by an earlier run and now nowhere: lost once', () => {
    const { cursor } = open();
    for (const position of [1, 2, 3]) cursor.begin('traces', position);
    const again = Cursor.fromText(0, cursor.toText())!;
    const counts: number[] = [];
    const lost = new LostRequests({
      cursor: again,
      oldestPosition: () => 10,
      onLost: (count) => counts.push(count),
    });
    lost.onSegmentDeleted('traces', [2]);
    lost.onBegin('traces', 3);
    again.begin('traces', 3);
    lost.onPassed('traces', 9);
    assert.deepEqual(counts, [1, 1]);
  });

  it('an empty log: all are lost', () => {
    const { lost, counts, log } = open();
    log.oldest = undefined;
    lost.onSegmentDeleted('metrics', [50, 60]);
    assert.deepEqual(counts, [2]);
  });

  it('any order of reading, overwriting and deleting: each is either sent or lost', () => {
    const random = seededRandom();
    for (let round = 0; round < 20; round++) {
      const { sentCount, lostCount } = new Model(random).run();
      assert.equal(sentCount + lostCount, requestCount);
      assert.ok(lostCount > 0 && sentCount > 0, `${lostCount} lost, ${sentCount} sent`);
    }
  });
});

const requestCount = 2_000;

/** A log that is overwritten and segments that are deleted while both are read. */
class Model {
  readonly #random: ReturnType<typeof seededRandom>;
  readonly #world = open({ oldest: 1 });
  readonly #segments: (readonly number[])[] = [];
  /** The index of the first segment that still exists. */
  #firstSegment = 0;
  #sentCount = 0;

  constructor(random: ReturnType<typeof seededRandom>) {
    this.#random = random;
    for (let from = 1; from <= requestCount; from = this.#segments.at(-1)!.at(-1)! + 1) {
      const count = Math.min(1 + random.below(80), requestCount - from + 1);
      this.#segments.push(Array.from({ length: count }, (_, index) => from + index));
    }
  }

  run(): { sentCount: number; lostCount: number } {
    const { cursor, log, counts } = this.#world;
    while (cursor.through('traces') < requestCount) {
      this.#happen();
      if (cursor.through('traces') + 1 < log.oldest!) this.#readSegments(log.oldest! - 1);
      else this.#readLog();
    }
    return { sentCount: this.#sentCount, lostCount: counts.reduce((sum, one) => sum + one, 0) };
  }

  /** Overwrites a part of the log, or deletes the first segment, or does nothing. */
  #happen(): void {
    const { log, lost } = this.#world;
    if (this.#random.below(3) === 0) {
      log.oldest = Math.min(requestCount, log.oldest! + this.#random.below(100));
    }
    if (this.#random.below(3) > 0) return;
    const segment = this.#segments[this.#firstSegment];
    if (segment === undefined) return;
    this.#firstSegment += 1;
    lost.onSegmentDeleted('traces', segment);
  }

  /** An open segment is read to its end, even if it is deleted. */
  #readSegments(through: number): void {
    const { cursor, lost } = this.#world;
    const from = cursor.through('traces') + 1;
    lost.onArchiveRead('traces');
    for (const [index, segment] of this.#segments.entries()) {
      const isSelected = segment.at(-1)! >= from && segment[0]! <= through;
      if (!isSelected || index < this.#firstSegment) continue;
      for (const position of segment) {
        if (position >= from && position <= through) this.#send(position);
      }
    }
    lost.onPassed('traces', through);
  }

  /** Requests that were read from the log are sent, even if the log is overwritten meanwhile. */
  #readLog(): void {
    const { cursor, lost } = this.#world;
    const from = cursor.through('traces') + 1;
    const through = Math.min(requestCount, from + this.#random.below(30));
    lost.onLogRead(through);
    for (let position = from; position <= through; position++) this.#send(position);
    lost.onPassed('traces', through);
  }

  #send(position: number): void {
    const { cursor, lost } = this.#world;
    assert.ok(cursor.isNeeded('traces', position));
    lost.onBegin('traces', position);
    cursor.begin('traces', position);
    this.#sentCount += 1;
    if (this.#random.below(10) === 0) this.#happen();
  }
}
