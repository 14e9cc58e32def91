/** Shows that every append leaves a readable stream, and that every fault leaves a whole one. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import { readMessages } from '../../../src/disk/ipc/ipc-reader.ts';
import { readBodyCrc32, readLogRange, readStats } from '../../../src/disk/ipc/message-metadata.ts';
import type { RotationLimits } from '../../../src/disk/segment/rotation.ts';
import type { SealedSegment } from '../../../src/disk/segment/segment.ts';
import { SegmentWriter } from '../../../src/disk/segment/segment-writer.ts';
import { ManualClock } from '../../../src/shared/clock.ts';
import { readArrowBatches, readArrowRows } from '../arrow-stream.ts';
import {
  type ExampleOptions,
  exampleBatch,
  exampleRows,
  exampleSchemaMessage,
  exampleTime,
} from '../example-batch.ts';
import { FaultStorage, type Operation } from '../fault-storage.ts';
import { temporaryFolders } from '../temporary-folder.ts';

const newFolder = temporaryFolders();
const unlimited = { segmentBytesMax: 0, segmentAgeMaxMs: 0 };
const recorderId = '0f8fad5b-d9cb-469f-a165-70867728950e';
const exampleMs = Number(exampleTime / 1_000_000n);
const firstPath = 'traces/date=2026-11-21/traces-20261121T085305.123Z-000001.arrow';

/** A writer on a disk with faults, and access to what it did. */
class Bench {
  readonly storage = new FaultStorage();
  readonly outputDir = newFolder();
  readonly sealed: SealedSegment[] = [];
  /** Numbers of the segments that faults left behind. */
  readonly left: number[] = [];
  /** Numbers and lengths of files whose length somebody changed. */
  readonly resized: (readonly [number, number])[] = [];
  readonly writer: SegmentWriter;
  #number = 0;
  #rows = 0;

  constructor(limits: RotationLimits = unlimited, clock = new ManualClock(exampleMs)) {
    this.writer = new SegmentWriter({
      storage: this.storage,
      outputDir: this.outputDir,
      signal: 'traces',
      lane: 0,
      recorderId,
      schemaMessage: exampleSchemaMessage(),
      limits,
      clock,
      nextNumber: () => ++this.#number,
      onSealed: (segment) => this.sealed.push(segment),
      onLeft: ({ number }) => this.left.push(number),
      onResized: ({ number }, fileBytes) => this.resized.push([number, fileBytes]),
    });
  }

  /** Appends ten rows, which complete ten positions. */
  append(options?: ExampleOptions): void {
    const first = this.#rows;
    this.writer.append(exampleBatch(exampleRows(first, 10), options), {
      from: BigInt(first + 1),
      to: BigInt(first + 10),
    });
    this.#rows += 10;
  }

  path(segmentPath: string | undefined): string {
    assert.ok(segmentPath !== undefined);
    return join(this.outputDir, segmentPath);
  }

  /** Returns what the reader reports about the end of a segment. */
  end(segmentPath: string | undefined) {
    const file = this.storage.open(this.path(segmentPath), 'read');
    try {
      const [end] = [...readMessages(this.storage, file)].slice(-1);
      return end?.kind === 'end' ? end.state : undefined;
    } finally {
      this.storage.close(file);
    }
  }

  files(): string[] {
    const names = readdirSync(this.outputDir, { recursive: true, encoding: 'utf8' });
    return names.filter((name) => name.endsWith('.arrow')).sort();
  }

  bytes(segmentPath: string | undefined): Buffer {
    return readFileSync(this.path(segmentPath));
  }
}

describe('SegmentWriter: append', () => {
  for (const compression of ['none', 'zstd'] as const) {
    it(`${compression}: the file is a readable stream after every append and when sealed`, () => {
      const bench = new Bench();
      for (let count = 1; count <= 5; count++) {
        bench.append({ compression, isShared: count % 2 === 0 });
        const active = bench.writer.active;
        assert.equal(active?.rows, 10 * count);
        assert.equal(active?.bytes, bench.bytes(firstPath).length);
        assert.equal(bench.end(firstPath), 'open');
        assert.deepEqual(readArrowRows(bench.path(firstPath)), exampleRows(0, 10 * count));
      }
      assert.equal(bench.writer.seal()?.path, firstPath);
      assert.equal(bench.end(firstPath), 'sealed');
      assert.deepEqual(readArrowRows(bench.path(firstPath)), exampleRows(0, 50));
      assert.equal(readArrowBatches(bench.path(firstPath)).length, 5);
    });
  }

  it('no batch: makes no file', () => {
    const bench = new Bench();
    assert.equal(bench.writer.active, undefined);
    assert.equal(bench.writer.seal(), undefined);
    assert.deepEqual(bench.files(), []);
  });

  it('each batch: is one write, the first with the schema', () => {
    const bench = new Bench();
    bench.append();
    bench.append();
    bench.append();
    assert.equal(bench.storage.calls.filter((call) => call.startsWith('write')).length, 3);
  });

  it('each message: says which positions it completes, its checksum and its rows', () => {
    const bench = new Bench();
    bench.append();
    bench.append();
    const file = bench.storage.open(bench.path(firstPath), 'read');
    const [, ...items] = [...readMessages(bench.storage, file)];
    bench.storage.close(file);
    const bytes = bench.bytes(firstPath);
    assert.equal(items.length, 3);
    for (const [index, message] of items.entries()) {
      if (message.kind === 'end') break;
      const from = BigInt(10 * index + 1);
      const range = { recorder: recorderId, lane: 0, from, to: from + 9n };
      assert.deepEqual(readLogRange(message.customMetadata), range);
      assert.equal(readStats(message.customMetadata)?.rows, 10);
      const body = bytes.subarray(message.bodyOffset, message.bodyOffset + message.bodyBytes);
      assert.equal(readBodyCrc32(message.customMetadata), crc32(body));
      assert.equal(message.offset % 8, 0);
    }
    assert.equal(bench.writer.active?.lastPosition, 20n);
  });

  it('writes of a few bytes: are continued', () => {
    const bench = new Bench();
    bench.storage.bytesPerCallMax = 37;
    bench.append();
    bench.append();
    bench.writer.seal();
    bench.storage.heal();
    assert.equal(bench.end(firstPath), 'sealed');
    assert.deepEqual(readArrowRows(bench.path(firstPath)), exampleRows(0, 20));
  });

  it('a first position of 0: breaks an invariant, and makes no file', () => {
    const bench = new Bench();
    const batch = exampleBatch(exampleRows(0, 1));
    assert.throws(() => bench.writer.append(batch, { from: 0n, to: 0n }), /invariant broken/);
    assert.deepEqual(bench.files(), []);
  });

  it('positions that do not rise: break an invariant', () => {
    const bench = new Bench();
    bench.append();
    const batch = exampleBatch(exampleRows(0, 1));
    for (const positions of [
      { from: 10n, to: 11n },
      { from: 12n, to: 11n },
    ]) {
      assert.throws(() => bench.writer.append(batch, positions), /invariant broken/);
    }
    assert.deepEqual(readArrowRows(bench.path(firstPath)), exampleRows(0, 10));
  });
});

describe('SegmentWriter: rotation', () => {
  it('size: an append that would exceed it seals before', () => {
    const bench = new Bench({ ...unlimited, segmentBytesMax: 6000 });
    while (bench.sealed.length < 3) bench.append();
    for (const { path, bytes, reason, rows } of bench.sealed) {
      assert.equal(reason, 'bytes');
      assert.ok(rows >= 20 && bytes <= 6000, `${rows} rows, ${bytes} bytes`);
      assert.equal(bench.bytes(path).length, bytes);
      assert.equal(bench.end(path), 'sealed');
    }
  });

  it('size: a batch that alone is larger has a segment of its own, sealed when asked', () => {
    const bench = new Bench({ ...unlimited, segmentBytesMax: 1 });
    assert.equal(bench.writer.sealIfDue(exampleMs), undefined);
    bench.append();
    const sealed = bench.writer.sealIfDue(exampleMs);
    assert.equal(sealed?.reason, 'bytes');
    assert.equal(bench.writer.active, undefined);
    assert.deepEqual(bench.sealed, [sealed]);
    assert.equal(bench.end(sealed?.path), 'sealed');
  });

  it('size: a batch that alone is larger is sealed before the next append, if nobody asked', () => {
    const bench = new Bench({ ...unlimited, segmentBytesMax: 1 });
    bench.append();
    bench.append();
    bench.append();
    assert.equal(bench.files().length, 3);
    assert.deepEqual(
      bench.sealed.map(({ reason, number, lastPosition }) => [reason, number, lastPosition]),
      [
        ['bytes', 1, 10n],
        ['bytes', 2, 20n],
      ],
    );
  });

  it('age: a clock that was set back makes no segment live longer', () => {
    const clock = new ManualClock(0);
    const bench = new Bench({ ...unlimited, segmentAgeMaxMs: 60_000 }, clock);
    bench.append();
    const dayBeforeMs = exampleMs - 86_400_000;
    clock.advance(59_999);
    assert.equal(bench.writer.sealIfDue(dayBeforeMs), undefined);
    clock.advance(1);
    assert.equal(bench.writer.sealIfDue(dayBeforeMs)?.reason, 'age');
  });

  it('age: counts from the first row', () => {
    const bench = new Bench({ ...unlimited, segmentAgeMaxMs: 60_000 });
    bench.append();
    bench.append({ receivedTime: exampleTime + 50_000_000_000n });
    assert.equal(bench.writer.sealIfDue(exampleMs + 59_999), undefined);
    assert.equal(bench.writer.sealIfDue(exampleMs + 60_000)?.reason, 'age');
    assert.equal(bench.writer.sealIfDue(exampleMs + 60_000), undefined);
  });

  it('rows of another date: lie in a segment of their own, in their own folder', () => {
    const bench = new Bench();
    const midnight = BigInt(Date.parse('2026-11-22T00:00:00Z')) * 1_000_000n;
    bench.append({ receivedTime: midnight - 1n });
    bench.append({ receivedTime: midnight });
    bench.append({ receivedTime: midnight + 5n });
    assert.deepEqual(bench.files(), [
      'traces/date=2026-11-21/traces-20261121T235959.999Z-000001.arrow',
      'traces/date=2026-11-22/traces-20261122T000000.000Z-000002.arrow',
    ]);
    assert.equal(bench.sealed[0]?.reason, 'date');
    assert.equal(bench.end(bench.files()[0]), 'sealed');
    assert.deepEqual(readArrowRows(bench.path(bench.files()[1])), exampleRows(10, 20));
  });
});

describe('SegmentWriter: seal', () => {
  it('each step: comes in the order that makes it durable', () => {
    const bench = new Bench();
    bench.append();
    bench.storage.calls.length = 0;
    bench.writer.seal();
    const name = firstPath.split('/').at(-1);
    const outputName = bench.outputDir.split('/').at(-1);
    assert.deepEqual(bench.storage.calls, [
      `write ${name}`,
      `syncData ${name}`,
      `close ${name}`,
      'syncFolder date=2026-11-21',
      'syncFolder traces',
      `syncFolder ${outputName}`,
    ]);
    assert.equal(bench.storage.openCount, 0);
  });

  it('twice: does nothing the second time', () => {
    const bench = new Bench();
    bench.append();
    assert.ok(bench.writer.seal());
    const bytes = bench.bytes(firstPath);
    assert.equal(bench.writer.seal(), undefined);
    assert.deepEqual(bench.bytes(firstPath), bytes);
    assert.equal(bench.sealed.length, 1);
  });
});

describe('SegmentWriter: faults', () => {
  for (const code of ['ENOSPC', 'EIO']) {
    it(`${code} at every byte of an append: leaves the stream as it was, and goes on`, () => {
      const bench = new Bench();
      bench.append();
      const before = bench.bytes(firstPath);
      for (let bytes = 0; bytes < 1500; bytes += 7) {
        bench.storage.failOnce('write', code, { bytesBefore: bytes });
        assert.throws(() => bench.append(), { code });
        assert.deepEqual(bench.bytes(firstPath), before);
      }
      bench.append();
      assert.deepEqual(readArrowRows(bench.path(firstPath)), exampleRows(0, 20));
    });
  }

  it('ENOSPC after a short write: leaves the stream as it was', () => {
    const bench = new Bench();
    bench.append();
    const before = bench.bytes(firstPath);
    bench.storage.bytesPerCallMax = 100;
    bench.storage.failOnce('write', 'ENOSPC', { callsBefore: 4, bytesBefore: 3 });
    assert.throws(() => bench.append(), { code: 'ENOSPC' });
    assert.deepEqual(bench.bytes(firstPath), before);
  });

  it('ENOSPC in the first write: leaves no file, and the next has a new number', () => {
    const bench = new Bench();
    bench.storage.failOnce('write', 'ENOSPC', { bytesBefore: 100 });
    assert.throws(() => bench.append(), { code: 'ENOSPC' });
    assert.deepEqual([bench.files(), bench.left], [[], []]);
    assert.equal(bench.storage.openCount, 0);
    bench.append();
    assert.equal(bench.writer.active?.number, 2);
    assert.deepEqual(readArrowRows(bench.path(bench.files()[0])), exampleRows(0, 10));
  });

  it('a file that cannot be cut back: is left torn, and the next batch opens another', () => {
    const bench = new Bench();
    bench.append();
    bench.storage.failOnce('write', 'EIO', { bytesBefore: 100 });
    bench.storage.failOnce('truncate', 'EIO');
    assert.throws(() => bench.append(), { code: 'EIO' });
    assert.equal(bench.end(firstPath), 'torn');
    assert.equal(bench.writer.active, undefined);
    assert.deepEqual(bench.left, [1]);
    assert.equal(bench.storage.openCount, 0);
    bench.append();
    assert.equal(bench.files().length, 2);
    assert.deepEqual(readArrowRows(bench.path(bench.files()[1])), exampleRows(10, 10));
    assert.equal(bench.end(firstPath), 'torn');
  });

  it('ENOSPC at the end mark: leaves the segment active, to be sealed later', () => {
    const bench = new Bench();
    bench.append();
    bench.storage.failOnce('write', 'ENOSPC', { bytesBefore: 5 });
    assert.throws(() => bench.writer.seal(), { code: 'ENOSPC' });
    assert.equal(bench.end(firstPath), 'open');
    assert.equal(bench.sealed.length, 0);
    bench.append();
    assert.ok(bench.writer.seal());
    assert.deepEqual(readArrowRows(bench.path(firstPath)), exampleRows(0, 20));
  });

  const lateSteps: readonly Operation[] = ['syncData', 'close', 'syncFolder'];
  for (const step of lateSteps) {
    it(`a fault at ${step} of a seal: is told, and the file is never written again`, () => {
      const bench = new Bench();
      bench.append();
      bench.storage.failOnce(step, 'EIO');
      assert.throws(() => bench.writer.seal(), { code: 'EIO' });
      assert.deepEqual([bench.sealed, bench.left], [[], [1]], 'nothing is called durable');
      assert.equal(bench.storage.openCount, 0);
      const bytes = bench.bytes(firstPath);
      bench.append();
      assert.deepEqual(bench.bytes(firstPath), bytes);
      assert.equal(bench.end(firstPath), 'sealed');
      assert.equal(bench.files().length, 2);
    });
  }

  for (const step of ['makeFolder', 'open'] as const) {
    it(`a fault at ${step} of a new segment: leaves nothing, and goes on`, () => {
      const bench = new Bench();
      bench.storage.failOnce(step, 'ENOSPC');
      assert.throws(() => bench.append(), { code: 'ENOSPC' });
      assert.deepEqual(bench.files(), []);
      bench.append();
      assert.equal(bench.files().length, 1);
    });
  }

  it('a file that has the name already: is not touched', () => {
    const bench = new Bench();
    mkdirSync(dirname(join(bench.outputDir, firstPath)), { recursive: true });
    writeFileSync(join(bench.outputDir, firstPath), 'precious');
    assert.throws(() => bench.append(), { code: 'EEXIST' });
    assert.equal(bench.bytes(firstPath).toString(), 'precious');
    bench.append();
    assert.equal(bench.writer.active?.number, 2);
  });

  it('no number to be had: makes no file', () => {
    const outputDir = newFolder();
    const writer = new SegmentWriter({
      storage: new FaultStorage(),
      outputDir,
      signal: 'traces',
      lane: 0,
      recorderId,
      schemaMessage: exampleSchemaMessage(),
      limits: unlimited,
      nextNumber: () => {
        throw new Error('the checkpoint could not be written');
      },
    });
    const batch = exampleBatch(exampleRows(0, 1));
    assert.throws(() => writer.append(batch, { from: 1n, to: 1n }), /could not be written/);
    assert.equal(existsSync(join(outputDir, 'traces')), false);
  });
});

describe('SegmentWriter: a file that somebody takes away', () => {
  it('deleted: its bytes stand in a new one before the descriptor is given up', () => {
    const bench = new Bench();
    bench.append();
    bench.append();
    const bytes = bench.bytes(firstPath);
    rmSync(bench.path(firstPath));
    bench.storage.calls.length = 0;
    bench.writer.look();
    const copy = bench.writer.active;
    assert.deepEqual([copy?.number, copy?.rows, copy?.lastPosition], [2, 20, 20n]);
    assert.deepEqual(bench.bytes(copy?.path), bytes);
    const name = basename(copy?.path ?? '');
    const steps = bench.storage.calls.filter((call) => !call.startsWith('makeFolder'));
    assert.deepEqual(steps.slice(0, 4), [
      'syncFolder date=2026-11-21',
      `open ${name}`,
      `write ${name}`,
      `syncData ${name}`,
    ]);
    assert.equal(steps.at(-1), `close ${basename(firstPath)}`);
    assert.equal(bench.storage.openCount, 1);
    bench.append();
    assert.deepEqual(readArrowRows(bench.path(bench.writer.active?.path)), exampleRows(0, 30));
  });

  it('deleted: an append and a seal notice it themselves', () => {
    const bench = new Bench();
    bench.append();
    rmSync(bench.path(firstPath));
    bench.append();
    assert.equal(bench.writer.active?.rows, 20);
    rmSync(bench.path(bench.writer.active?.path));
    const sealed = bench.writer.seal();
    assert.deepEqual([sealed?.number, sealed?.rows], [3, 20]);
    assert.equal(bench.end(sealed?.path), 'sealed');
    assert.deepEqual(readArrowRows(bench.path(sealed?.path)), exampleRows(0, 20));
  });

  for (const [step, callsBefore] of [
    ['open', 0],
    ['read', 0],
    ['write', 0],
    ['syncData', 0],
    ['syncFolder', 0],
    ['syncFolder', 2],
  ] as const) {
    it(`deleted, and ${step} ${callsBefore + 1} of its copy fails: no copy is left, and the next look makes it`, () => {
      const bench = new Bench();
      bench.append();
      rmSync(bench.path(firstPath));
      bench.storage.failOnce(step, 'EIO', { callsBefore });
      assert.throws(() => bench.writer.look(), { code: 'EIO' });
      assert.deepEqual([bench.files(), bench.storage.openCount], [[], 1]);
      bench.writer.look();
      assert.deepEqual(readArrowRows(bench.path(bench.writer.active?.path)), exampleRows(0, 10));
      assert.equal(bench.storage.openCount, 1);
    });
  }

  it('moved: it is ended and synced where it is, and its positions count as durable', () => {
    const bench = new Bench();
    bench.append();
    const elsewhere = join(newFolder(), 'moved.arrow');
    renameSync(bench.path(firstPath), elsewhere);
    bench.writer.look();
    assert.deepEqual([bench.writer.active, bench.storage.openCount], [undefined, 0]);
    assert.deepEqual(
      bench.sealed.map(({ path, reason, lastPosition }) => [path, reason, lastPosition]),
      [[firstPath, 'moved', 10n]],
    );
    assert.deepEqual(readArrowRows(elsewhere), exampleRows(0, 10));
    bench.append();
    assert.equal(bench.writer.active?.number, 2);
  });

  for (const [what, change] of [
    ['cut to nothing, as copytruncate does', (bytes: number) => bytes * 0],
    ['cut by a byte', (bytes: number) => bytes - 1],
    ['longer by eight bytes', (bytes: number) => bytes + 8],
  ] as const) {
    it(`${what}: an append leaves it as it is, reports it, and begins another`, () => {
      const bench = new Bench();
      bench.append();
      const { bytes } = bench.writer.active!;
      truncateSync(bench.path(firstPath), change(bytes));
      const changed = bench.bytes(firstPath);
      bench.append();
      assert.deepEqual(bench.resized, [[1, change(bytes)]]);
      assert.deepEqual(bench.left, [1]);
      assert.deepEqual(bench.bytes(firstPath), changed);
      assert.equal(bench.writer.active?.number, 2);
      assert.deepEqual(readArrowRows(bench.path(bench.writer.active?.path)), exampleRows(10, 10));
    });
  }

  it('cut, then sealed: nothing is written to it, and no segment counts as sealed', () => {
    const bench = new Bench();
    bench.append();
    truncateSync(bench.path(firstPath), 0);
    assert.equal(bench.writer.seal(), undefined);
    assert.deepEqual([bench.bytes(firstPath).byteLength, bench.sealed], [0, []]);
    assert.equal(bench.storage.openCount, 0);
  });

  it('abandoned: it is left as it is, and the next batch begins another', () => {
    const bench = new Bench();
    bench.append();
    bench.writer.abandon();
    assert.deepEqual([bench.end(firstPath), bench.storage.openCount], ['open', 0]);
    bench.append();
    assert.equal(bench.writer.active?.number, 2);
  });
});
