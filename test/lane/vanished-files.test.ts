/** What somebody deletes or moves while a lane writes is made again, and nothing is lost or doubled. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readCheckpoint } from '../../src/disk/segment/checkpoint.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { field, requestOf } from '../columns/wire-writer.ts';
import { FaultStorage } from '../disk/fault-storage.ts';
import { readArchive } from '../query/recorded-rows.ts';
import { cleanUp, makeFolder } from '../recorder/recorder-process.ts';
import { type OpenLaneOptions, openLane } from './open-lane.ts';

const endMark = Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);

after(cleanUp);

/** A lane with ten spans in its active segment and one, `held`, in its columns. */
function openBusyLane(options: OpenLaneOptions = {}) {
  const outputDir = join(makeFolder(), 'output');
  mkdirSync(outputDir);
  const parts = openLane({ outputDir, ...options });
  const send = (name: string) => {
    parts.publish(requestOf(field(5, name)));
    parts.lane.turn();
    return parts.results().at(-1);
  };
  for (let index = 0; index < 10; index++) {
    assert.equal(send(`${index}`), 'accepted');
    parts.lane.flush();
  }
  send('held');
  const at = (path: string | undefined) => join(outputDir, path ?? 'nothing');
  /** Advances the clock by a second, so that the lane looks at its files. */
  const look = () => {
    parts.clock.advance(1_000);
    parts.lane.turn();
  };
  return { ...parts, send, at, look };
}

type BusyLane = ReturnType<typeof openBusyLane>;

const first = Array.from({ length: 10 }, (_, index) => `${index}`);
const namesOf = (outputDir: string) => readArchive(outputDir).map(({ name }) => name);

function assertBalanced({ tally }: BusyLane): void {
  const { received, archived, pending, rejected } = tally();
  const rejectedCount = Object.values(rejected).reduce((sum, count) => sum + count, 0);
  assert.equal(received, archived + pending + rejectedCount);
}

/** The rest is recorded, and what the next lane finds is all of it, once. */
function assertGoesOn(lane: BusyLane, expected: readonly string[] = [...first, 'held', 'after']) {
  assert.equal(lane.send('after'), 'accepted');
  assertBalanced(lane);
  lane.lane.flush();
  assert.deepEqual(namesOf(lane.outputDir), expected);
  // As after a kill: nothing was sealed, and nothing is closed.
  openLane({ outputDir: lane.outputDir });
  assert.deepEqual(namesOf(lane.outputDir), expected);
}

describe('vanished files: the active segment', () => {
  const taken = [
    ['the file', (path: string) => path],
    ["the date's folder", (path: string) => dirname(path)],
    ["the signal's folder", (path: string) => dirname(dirname(path))],
  ] as const;
  for (const [what, of] of taken) {
    it(`${what} is deleted: the same batches stand in a new segment, and it goes on`, () => {
      const lane = openBusyLane();
      const path = lane.active();
      const bytes = readFileSync(lane.at(path));
      rmSync(of(lane.at(path)), { recursive: true });
      lane.look();
      const copy = lane.active();
      assert.notEqual(copy, path);
      assert.deepEqual(readFileSync(lane.at(copy)), bytes);
      assert.deepEqual(lane.said.at(-1)?.fields, { path, rows: 10, bytes: bytes.length, copy });
      assertGoesOn(lane);
    });

    it(`${what} is moved: it is sealed where it is, and another one is begun`, () => {
      const lane = openBusyLane();
      const path = lane.active() ?? '';
      const moved = of(lane.at(path));
      const target = join(makeFolder(), 'moved');
      renameSync(moved, target);
      lane.look();
      assert.equal(lane.active(), undefined);
      const file = moved.endsWith('.arrow')
        ? target
        : join(target, lane.at(path).slice(moved.length));
      assert.deepEqual(readFileSync(file).subarray(-8), endMark);
      assert.equal(lane.said.at(-1)?.fields['path'], path);
      const last = lane.sealed.at(-1);
      assert.equal(last?.reason, 'moved');
      assertGoesOn(lane, ['held', 'after']);
    });
  }

  it('deleted, and not looked for yet: the next batch brings it back, and so does a seal', () => {
    const lane = openBusyLane();
    rmSync(lane.at(lane.active()));
    lane.lane.flush();
    assert.deepEqual(namesOf(lane.outputDir), [...first, 'held']);
    rmSync(lane.at(lane.active()));
    const [sealed] = lane.segments.seal();
    assert.deepEqual(namesOf(lane.outputDir), [...first, 'held']);
    assert.deepEqual(readFileSync(lane.at(sealed)).subarray(-8), endMark);
  });

  it('a sealed segment that is deleted stays deleted', () => {
    const lane = openBusyLane();
    const [sealed] = lane.segments.seal();
    rmSync(lane.at(sealed));
    lane.look();
    assertGoesOn(lane, ['held', 'after']);
  });

  for (const [operation, callsBefore] of [
    ['open', 1],
    ['write', 1],
    ['syncData', 1],
    ['syncFolder', 1],
    ['makeFolder', 0],
  ] as const) {
    it(`deleted, and ${operation} fails for its copy: refused, and copied a second later`, () => {
      const storage = new FaultStorage();
      const lane = openBusyLane({ storage });
      rmSync(dirname(lane.at(lane.active())), { recursive: true });
      storage.failOnce(operation, 'ENOSPC', { callsBefore });
      lane.look();
      assert.match(lane.faults.at(-1) ?? '', /ENOSPC/);
      assert.equal(lane.send('refused'), 'unavailable');
      lane.look();
      assert.equal(lane.faults.at(-1), undefined);
      assertGoesOn(lane);
    });
  }

  it('look: the disk is checked at most once a second', () => {
    const lane = openBusyLane();
    lane.look();
    const path = lane.active() ?? '';
    rmSync(lane.at(path));
    lane.lane.turn();
    assert.equal(lane.active(), path);
    lane.clock.advance(1_000);
    lane.lane.turn();
    assert.notEqual(lane.active(), path);
  });
});

describe('vanished files: the private folder', () => {
  it('.archer is deleted: what it held is written out, and all of it is there again', () => {
    const lane = openBusyLane();
    const { outputDir, recorderId, clock } = lane;
    clock.advance(1_000);
    lane.lane.turn();
    const losses = lane.lockLosses();
    rmSync(join(outputDir, '.archer'), { recursive: true });
    lane.look();
    assert.deepEqual(namesOf(outputDir), [...first, 'held']);
    assert.equal(readFileSync(join(outputDir, '.archer/id'), 'utf8'), `${recorderId}\n`);
    const checkpoint = readCheckpoint(nodeStorage, outputDir);
    assert.equal(typeof checkpoint !== 'string' && checkpoint.recorder, recorderId);
    assert.equal(lane.lockLosses(), losses + 1);
    assert.deepEqual(
      lane.said.map(({ level, fields }) => [level, fields]),
      [
        ['warn', { files: 'id, checkpoint' }],
        ['warn', { files: 8, rows: 1 }],
      ],
    );
    assert.equal(lane.send('logged'), 'accepted');
    assert.deepEqual(lane.logged(), [12]);
    assertGoesOn(lane, [...first, 'held', 'logged', 'after']);
  });

  it('.archer is moved, and moved back when the recorder has ended: nothing comes twice', () => {
    const lane = openBusyLane();
    const { outputDir } = lane;
    const away = join(makeFolder(), 'away');
    renameSync(join(outputDir, '.archer'), away);
    lane.send('into the moved log');
    lane.look();
    assert.equal(lane.send('into the new log'), 'accepted');
    lane.lane.flush();
    const expected = [...first, 'held', 'into the moved log', 'into the new log'];
    assert.deepEqual(namesOf(outputDir), expected);
    rmSync(join(outputDir, '.archer'), { recursive: true });
    renameSync(away, join(outputDir, '.archer'));
    openLane({ outputDir });
    assert.deepEqual(namesOf(outputDir), expected);
  });

  it('a log file is deleted: it is made again, the others stay', () => {
    const lane = openBusyLane();
    rmSync(join(lane.outputDir, '.archer/wal/lane-0/0003.log'));
    lane.look();
    assert.ok(existsSync(join(lane.outputDir, '.archer/wal/lane-0/0003.log')));
    assert.deepEqual(lane.said.at(-1)?.fields, { files: 1, rows: 1 });
    assertGoesOn(lane);
  });

  it('a log file is replaced by a copy: what the lane writes to counts as missing', () => {
    const lane = openBusyLane();
    const folder = join(lane.outputDir, '.archer/wal/lane-0');
    renameSync(join(folder, '0001.log'), join(folder, 'kept'));
    renameSync(join(folder, '0002.log'), join(folder, '0001.log'));
    lane.look();
    assert.deepEqual(lane.said.at(-1)?.fields, { files: 2, rows: 1 });
    assertGoesOn(lane);
  });

  for (const operation of ['write', 'rename', 'makeFolder', 'syncData'] as const) {
    it(`.archer is deleted and ${operation} fails: refused, and made again a second later`, () => {
      const storage = new FaultStorage();
      const lane = openBusyLane({ storage });
      rmSync(join(lane.outputDir, '.archer'), { recursive: true });
      for (const callsBefore of [0, 1, 3]) {
        storage.failOnce(operation, 'EIO', { callsBefore });
        lane.look();
        storage.heal();
      }
      assert.match(lane.faults[0] ?? '', /EIO/);
      lane.look();
      assert.equal(lane.faults.at(-1), undefined);
      assertGoesOn(lane);
    });
  }

  it('durability received: the small files come back', () => {
    const lane = openBusyLane({ settings: { durability: 'received' } });
    rmSync(join(lane.outputDir, '.archer'), { recursive: true });
    lane.look();
    assert.ok(existsSync(join(lane.outputDir, '.archer/id')));
    assert.equal(lane.send('after'), 'accepted');
  });
});

describe('vanished files: the output directory', () => {
  it('is deleted: it is made again with all that was not sealed', () => {
    const lane = openBusyLane();
    rmSync(lane.outputDir, { recursive: true });
    lane.look();
    assertGoesOn(lane);
  });

  it('is moved: what it held is sealed there, and a new one is made', () => {
    const lane = openBusyLane();
    const target = join(makeFolder(), 'moved');
    renameSync(lane.outputDir, target);
    lane.look();
    assert.deepEqual(namesOf(target), first);
    assert.match(basename(lane.active() ?? ''), /000002\.arrow$/);
    assertGoesOn(lane, ['held', 'after']);
  });
});

describe('vanished files: the end', () => {
  it('what could not be written again is counted and said', () => {
    const storage = new FaultStorage();
    const lane = openBusyLane({ storage });
    lane.vanishedFiles.reportLost();
    assert.deepEqual(lane.said, []);
    rmSync(lane.outputDir, { recursive: true });
    storage.failOnce('makeFolder', 'ENOSPC');
    lane.look();
    const path = lane.active();
    lane.vanishedFiles.reportLost();
    assert.deepEqual(
      lane.said.map(({ level, fields }) => [level, fields]),
      [
        ['error', { path, rows: 10 }],
        ['error', { rows: 1 }],
      ],
    );
  });
});
