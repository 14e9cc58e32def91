/** Which requests come from the log and from the archive. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Cursor } from '../../src/forward/cursor.ts';
import { LostRequests } from '../../src/forward/lost-requests.ts';
import { sourceRequests } from '../../src/forward/request-source.ts';
import type { Signal } from '../../src/shared/signal.ts';
import { FakeLog } from './fake-log.ts';

const all: readonly Signal[] = ['traces', 'metrics', 'logs'];

/** Takes requests until the source is idle; returns `position signal` for each. */
async function take(
  fake: FakeLog,
  cursor: Cursor,
  signals = all,
  countMax = 1000,
  idle: () => void = () => {},
): Promise<string[]> {
  const stop = new AbortController();
  const taken: string[] = [];
  const { log, archive } = fake;
  const oldestPosition = () => log.oldestPosition();
  const lost = new LostRequests({ cursor, oldestPosition, onLost: () => {} });
  let idleCount = 0;
  const options = {
    ...{ cursor, signals, log, archive, lost },
    idle: async () => {
      idle();
      if (++idleCount === 3) stop.abort();
    },
  };
  for await (const request of sourceRequests(options, stop.signal)) {
    lost.onBegin(request.signal, request.position);
    cursor.begin(request.signal, request.position);
    assert.equal(Buffer.from(request.bytes).toString(), String(request.position));
    taken.push(`${request.position} ${request.signal}`);
    if (taken.length === countMax) stop.abort();
  }
  return taken;
}

function newCursor(): Cursor {
  const cursor = new Cursor(0);
  cursor.addSignals(all, 0);
  return cursor;
}

describe('sourceRequests', () => {
  it('the log: in the order of positions', async () => {
    const fake = new FakeLog();
    for (let position = 1; position <= 7; position++) fake.add(position);
    const expected = [1, 2, 3, 4, 5, 6, 7].map((position) => `${position} traces`);
    assert.deepEqual(await take(fake, newCursor()), expected);
  });

  it('other signals: are skipped, and the cursor passes them', async () => {
    const fake = new FakeLog();
    const signals = ['traces', 'logs', 'metrics', 'logs', 'traces'] as const;
    for (const [index, signal] of signals.entries()) fake.add(index + 1, signal);
    const cursor = newCursor();
    assert.deepEqual(await take(fake, cursor, ['logs']), ['2 logs', '4 logs']);
    for (const position of [2, 4]) cursor.end('logs', position);
    assert.equal(cursor.nextPosition(['logs']), 6);
  });

  it('after a stop: only unanswered requests come again', async () => {
    const fake = new FakeLog();
    for (let position = 1; position <= 9; position++) fake.add(position);
    const cursor = newCursor();
    await take(fake, cursor, ['traces'], 6);
    for (const position of [1, 3, 4]) cursor.end('traces', position);
    const again = Cursor.fromText(0, cursor.toText())!;
    const expected = [2, 5, 6, 7, 8, 9].map((position) => `${position} traces`);
    assert.deepEqual(await take(fake, again), expected);
  });

  it('overtaken: reads the archive, signal by signal, and then the log again', async () => {
    const fake = new FakeLog();
    for (let position = 1; position <= 8; position++) {
      fake.add(position, position % 2 === 0 ? 'logs' : 'traces');
    }
    fake.overtakenThrough = 5;
    const taken = await take(fake, newCursor(), ['traces', 'logs']);
    const fromArchive = ['1 traces', '3 traces', '5 traces', '2 logs', '4 logs'];
    assert.deepEqual(taken, [...fromArchive, '6 logs', '7 traces', '8 logs']);
    assert.deepEqual(fake.archiveReads, ['traces 1-5', 'logs 1-5']);
  });

  it('overtaken with pending requests: only the needed ones come from the archive', async () => {
    const fake = new FakeLog();
    for (let position = 1; position <= 6; position++) fake.add(position);
    const cursor = newCursor();
    await take(fake, cursor, ['traces'], 4);
    for (const position of [1, 2, 4]) cursor.end('traces', position);
    const again = Cursor.fromText(0, cursor.toText())!;
    fake.overtakenThrough = 5;
    assert.deepEqual(await take(fake, again), ['3 traces', '5 traces', '6 traces']);
  });

  it('overtaken before all is in segments: waits for the segments', async () => {
    const fake = new FakeLog();
    for (let position = 1; position <= 4; position++) fake.add(position);
    fake.overtakenThrough = 2;
    fake.archivedBelow = 2;
    let readsAtFirst = -1;
    const taken = await take(fake, newCursor(), ['traces'], 1000, () => {
      if (readsAtFirst < 0) readsAtFirst = fake.archiveReads.length;
      fake.archivedBelow = 3;
    });
    assert.equal(readsAtFirst, 0);
    assert.deepEqual(taken, ['1 traces', '2 traces', '3 traces', '4 traces']);
  });

  it('requests that the log does not give: come from the archive, once they are there', async () => {
    const fake = new FakeLog();
    fake.add(1);
    fake.add(2);
    const cursor = newCursor();
    await take(fake, cursor, ['traces']);
    for (const position of [1, 2]) cursor.end('traces', position);
    fake.next = 6;
    assert.deepEqual(await take(fake, cursor, ['traces']), []);
    assert.deepEqual(fake.archiveReads, []);
    fake.archivedBelow = 6;
    assert.deepEqual(await take(fake, cursor, ['traces']), []);
    assert.deepEqual(fake.archiveReads, ['traces 3-5']);
    assert.equal(cursor.pendingCount(['traces'], 6), 0);
  });

  it('nothing new: the disk is not read', async () => {
    const fake = new FakeLog();
    fake.add(1);
    const cursor = newCursor();
    await take(fake, cursor);
    const { logReadCount } = fake;
    await take(fake, cursor);
    assert.equal(fake.logReadCount, logReadCount);
  });

  it('a request in two segments: comes once', async () => {
    const fake = new FakeLog();
    for (const position of [1, 2, 2, 3]) fake.add(position);
    fake.overtakenThrough = 3;
    const taken = await take(fake, newCursor(), ['traces']);
    assert.deepEqual(taken, ['1 traces', '2 traces', '3 traces']);
  });

  it('frames of other signals: other tasks run between them', async () => {
    const fake = new FakeLog();
    for (let position = 1; position <= 300; position++) fake.add(position, 'metrics');
    let turns = 0;
    let immediate = setImmediate(function count() {
      turns += 1;
      immediate = setImmediate(count);
    });
    await take(fake, newCursor(), ['logs']);
    clearImmediate(immediate);
    assert.ok(turns >= 100, `${turns} turns in 100 reads`);
  });

  it('a log that cannot be read: rejects, and the next source continues', async () => {
    const fake = new FakeLog();
    for (let position = 1; position <= 5; position++) fake.add(position);
    const cursor = newCursor();
    await take(fake, cursor, ['traces'], 3);
    fake.faults.push(new Error('EIO'));
    await assert.rejects(take(fake, cursor, ['traces']), /EIO/);
    assert.deepEqual(await take(fake, cursor, ['traces']), ['4 traces', '5 traces']);
  });
});
