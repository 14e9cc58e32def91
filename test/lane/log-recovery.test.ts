/** The log is replayed: what no segment has comes back, once, under its old position and time. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import { readMessages } from '../../src/disk/ipc/ipc-reader.ts';
import { readLogRange } from '../../src/disk/ipc/message-metadata.ts';
import { walFolder } from '../../src/disk/layout.ts';
import type { SegmentRecovery } from '../../src/disk/recovery/recovery.ts';
import { readWal } from '../../src/disk/wal/wal-reader.ts';
import { WalWriter } from '../../src/disk/wal/wal-writer.ts';
import { replayCounter, replayLog } from '../../src/lane/log-recovery.ts';
import { frameBytes, frameField, frameHeaderBytes, frameMagic } from '../../src/shared/frame.ts';
import type { JournalFields } from '../../src/shared/journal.ts';
import { field, requestOf } from '../columns/wire-writer.ts';
import { finish } from '../disk/finish.ts';
import { unsyncedStorage } from '../disk/unsynced-storage.ts';
import { cleanUp } from '../recorder/recorder-process.ts';
import { noonNs, openParts } from './lane-parts.ts';

const nsPerDay = 86_400_000_000_000n;

after(cleanUp);

/** A frame as a lane logs it. */
function frameOf(body: Uint8Array, position: number, epoch: number, receivedTime: bigint): Buffer {
  const frame = Buffer.alloc(frameBytes(body.length));
  frame.set(body, frameHeaderBytes);
  frame.writeUInt32LE(frameMagic, frameField.magic);
  frame.writeUInt32LE(body.length, frameField.bodyBytes);
  frame.writeUInt32LE(crc32(body), frameField.bodyCrc32);
  frame.writeBigUInt64LE(receivedTime, frameField.receivedTime);
  frame.writeBigUInt64LE(BigInt(position), frameField.position);
  frame.writeUInt32LE(epoch, frameField.epoch);
  const checksum = crc32(frame.subarray(0, frameField.headerCrc32));
  frame.writeUInt32LE(checksum, frameField.headerCrc32);
  return frame;
}

interface Logged {
  readonly name: string;
  readonly receivedTime?: bigint;
}

/** Logs a span for each, from position 1 on, and replays the log beside the given segments. */
function replay(
  logged: readonly Logged[],
  segments: Partial<SegmentRecovery>,
  limits: { readonly rowsMax?: number; readonly bytesMax?: number } = {},
  prepare: (parts: ReturnType<typeof openParts>) => void = () => {},
) {
  const parts = openParts({ ...limits, counter: replayCounter });
  prepare(parts);
  const { outputDir, recorderId, decoder, bytesMax, batches } = parts;
  const folder = walFolder(outputDir, 0);
  unsyncedStorage.makeFolder(folder);
  const log = { storage: unsyncedStorage, folder, recorderId, lane: 0 };
  const found = [...readWal(log)].find((item) => item.kind === 'end')!;
  const options = { ...log, walBytesMax: 8 * 65_536, found, neededFrom: 1 };
  const writer = new WalWriter({ ...options, durability: 'logged' });
  for (const [index, { name, receivedTime = noonNs }] of logged.entries()) {
    const body = requestOf(field(5, name));
    const epoch = writer.begin(frameBytes(body.length), index + 1);
    assert.ok(epoch !== 'full');
    writer.append([frameOf(body, index + 1, epoch, receivedTime)], index + 1, index + 1);
  }
  writer.close();
  const said: { message: string; fields: JournalFields }[] = [];
  const positions = { next: 1 };
  const nothingSettled = { sealed: [], cutBytes: 0, removed: [], setAside: [], doubledBatches: 0 };
  const report = { ...nothingSettled, conflicts: [], foreignTorn: [] };
  const recovery = {
    neededFrom: 1,
    isArchived: () => false,
    missing: () => [],
    report,
    ...segments,
  };
  const steps = replayLog({
    ...{ log, decoder, batchBytesMax: bytesMax, batches, positions },
    segments: recovery as unknown as SegmentRecovery,
    journal: { write: (_level, message, fields = {}) => said.push({ message, fields }) },
  });
  let stepCount = 0;
  const end = finish(steps, () => {
    stepCount += 1;
  });
  batches.writeAll();
  return { ...parts, end, positions, said, stepCount };
}

describe('replayLog', () => {
  it('an empty log: nothing comes, nothing is said', () => {
    const { archived, positions, said } = replay([], {});
    assert.deepEqual([archived(), positions.next, said], [[], 1, []]);
  });

  it('every frame that no segment has comes back under its position', () => {
    const { archived, positions, said, tally } = replay(
      [{ name: 'a' }, { name: 'b' }, { name: 'c' }],
      { isArchived: (_signal, position) => position === 2 },
    );
    assert.deepEqual(
      archived().map(({ name, batch_id }) => [name, batch_id]),
      [
        ['a', 1n],
        ['c', 3n],
      ],
    );
    assert.equal(positions.next, 4);
    assert.deepEqual([tally().recovered, tally().received, tally().archived], [2, 2, 2]);
    assert.equal(said.at(-1)?.fields['frames_replayed'], 2);
  });

  it('each frame is a step, so that the event loop can turn between them', () => {
    const { stepCount } = replay([{ name: 'a' }, { name: 'b' }, { name: 'c' }], {}, { rowsMax: 1 });
    assert.equal(stepCount, 3);
  });

  it('batches are cut while it goes on: by rows, and where the UTC date changes', () => {
    const names = Array.from({ length: 7 }, (_, index) => ({ name: `${index}` }));
    const tomorrow = { name: 'tomorrow', receivedTime: noonNs + nsPerDay };
    const { archived, segment } = replay([...names, tomorrow], {}, { rowsMax: 3 });
    assert.deepEqual(
      archived().map(({ name }) => name),
      [...names.map(({ name }) => name), 'tomorrow'],
    );
    assert.match(segment.active?.path ?? '', /date=2026-02-01/);
  });

  it('a batch ends where a segment already holds the next position', () => {
    const names = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name }));
    const { outputDir, segment } = replay(names, { isArchived: (_signal, at) => at === 3 });
    const file = unsyncedStorage.open(join(outputDir, segment.active?.path ?? ''), 'read');
    const ranges = [...readMessages(unsyncedStorage, file)].flatMap((item) =>
      item.kind === 'recordBatch' ? [readLogRange(item.customMetadata)] : [],
    );
    assert.deepEqual(
      ranges.map((range) => [range?.from, range?.to]),
      [
        [1n, 2n],
        [4n, 5n],
      ],
    );
  });

  it('a full disk while a batch is written: the memory of each frame is freed', () => {
    const names = Array.from({ length: 3 }, (_, index) => ({ name: `${index}` }));
    const allocated = new Set<number>();
    const watched = ({ decoder, batches }: ReturnType<typeof openParts>) => {
      const { allocate, free } = decoder;
      decoder.allocate = (bytes) => {
        const address = allocate.call(decoder, bytes);
        allocated.add(address);
        return address;
      };
      decoder.free = (address) => {
        allocated.delete(address);
        free.call(decoder, address);
      };
      batches.writeDue = (demanded) => {
        if (demanded.size > 0) throw new Error('ENOSPC');
      };
    };
    // The second frame does not fit into the batch, which is then written.
    const oneRowBytes = 1;
    assert.throws(() => replay(names, {}, { bytesMax: oneRowBytes }, watched), /ENOSPC/);
    assert.equal(allocated.size, 0);
  });
});
