/** Which requests a destination gets, from the log and from the archive. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Cursor } from '../../src/egress/cursor.ts';
import { sourceRequests } from '../../src/egress/request-source.ts';
import type { Signal } from '../../src/shared/signal.ts';
import { FakeLog } from './fake-log.ts';

/** Takes what comes until nothing does; `position signal` each. */
async function take(
  fake: FakeLog,
  cursor: Cursor,
  signals: readonly Signal[] = ['traces', 'metrics', 'logs'],
  countMax = 1000,
): Promise<string[]> {
  const stop = new AbortController();
  const taken: string[] = [];
  const idle = async () => stop.abort();
  const { log, archive } = fake;
  const onOvertaken = () => {};
  const options = { cursor, signals, log, archive, idle, onOvertaken };
  for await (const request of sourceRequests(options, stop.signal)) {
    cursor.begin(request.signal, request.position);
    assert.equal(Buffer.from(request.bytes).toString(), String(request.position));
    taken.push(`${request.position} ${request.signal}`);
    if (taken.length === countMax) stop.abort();
  }
  return taken;
}

function newCursor(): Cursor {
  return Cursor.startingAt({ lane: 0, through: 0 });
}

describe('sourceRequests', () => {
  it('the log: in the order of positions', async () => {
    const fake = new FakeLog();
    for (let position = 1; position <= 7; position++) fake.add(position);
    const expected = [1, 2, 3, 4, 5, 6, 7].map((position) => `${position} traces`);
    assert.deepEqual(await take(fake, newCursor()), expected);
  });

  it('signals that are not wanted: are passed over, and the cursor goes past them', async () => {
    const fake = new FakeLog();
    const signals = ['traces', 'logs', 'metrics', 'logs', 'traces'] as const;
    for (const [index, signal] of signals.entries()) fake.add(index + 1, signal);
    const cursor = newCursor();
    assert.deepEqual(await take(fake, cursor, ['logs']), ['2 logs', '4 logs']);
    for (const position of [2, 4]) cursor.end('logs', position);
    assert.equal(cursor.nextPosition(['logs']), 6);
  });

  it('after a stop: what has no answer comes again, and nothing else', async () => {
    const fake = new FakeLog();
    for (let position = 1; position <= 9; position++) fake.add(position);
    const cursor = newCursor();
    await take(fake, cursor, ['traces'], 6);
    for (const position of [1, 3, 4]) cursor.end('traces', position);
    const again = Cursor.fromText(0, cursor.toText())!;
    const expected = [2, 5, 6, 7, 8, 9].map((position) => `${position} traces`);
    assert.deepEqual(await take(fake, again), expected);
  });

  it('overtaken: the archive, signal by signal, and then the log again', async () => {
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

  it('overtaken with answers missing: of the archive only what is wanted', async () => {
    const fake = new FakeLog();
    for (let position = 1; position <= 6; position++) fake.add(position);
    const cursor = newCursor();
    await take(fake, cursor, ['traces'], 4);
    for (const position of [1, 2, 4]) cursor.end('traces', position);
    fake.overtakenThrough = 5;
    assert.deepEqual(await take(fake, cursor), ['3 traces', '5 traces', '6 traces']);
  });
});
