/**
 * Measures what the log costs, compared with appending to a file that grows and with crc32 of the
 * same bytes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { nodeStorage as storage } from '../src/disk/storage.ts';
import { readWal, type WalEnd } from '../src/disk/wal/wal-reader.ts';
import { WalWriter } from '../src/disk/wal/wal-writer.ts';
import { frameBytes, frameField, frameHeaderBytes, frameMagic } from '../src/shared/frame.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const owner = { recorderId: '0f8fad5b-d9cb-469f-a165-70867728950e', lane: 0 };

/** The default size of a lane's log. */
const walBytesMax = 256 * MiB;

/**
 * Bytes of each rival in a round. They are fewer than the log has, so a round does not wait for the
 * disk.
 */
const roundBytes = 64 * MiB;
const roundCount = 9;
const syncedGroupCount = 20;

const groupSizes = [64 * KiB, 256 * KiB, 1 * MiB, 4 * MiB];
const bodySizes = [1 * KiB, 64 * KiB, 512 * KiB];

/** A part of shared memory that is filled with frames. */
class Frames {
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly #wholeBytes: number;
  readonly #headers: DataView;

  constructor(bodyBytes: number, groupBytes: number) {
    this.#wholeBytes = frameBytes(bodyBytes);
    this.count = Math.max(1, Math.floor(groupBytes / this.#wholeBytes));
    const memory = new SharedArrayBuffer(this.count * this.#wholeBytes);
    this.bytes = new Uint8Array(memory);
    this.#headers = new DataView(memory);
    // The bytes do not repeat, so that a disk with compression has no advantage.
    for (let at = 0; at < this.bytes.length; at += 1)
      this.bytes[at] = Math.imul(at, 2654435761) >>> 13;
    for (let index = 0; index < this.count; index += 1) this.#writeHeader(index, bodyBytes);
  }

  stamp(firstPosition: number, epoch: number): void {
    for (let index = 0; index < this.count; index += 1) {
      const at = index * this.#wholeBytes;
      this.#headers.setBigUint64(at + frameField.position, BigInt(firstPosition + index), true);
      this.#headers.setUint32(at + frameField.epoch, epoch, true);
      const checked = this.bytes.subarray(at, at + frameField.headerCrc32);
      this.#headers.setUint32(at + frameField.headerCrc32, crc32(checked), true);
    }
  }

  #writeHeader(index: number, bodyBytes: number): void {
    const at = index * this.#wholeBytes;
    const body = this.bytes.subarray(at + frameHeaderBytes, at + frameHeaderBytes + bodyBytes);
    this.bytes.fill(0, at, at + frameHeaderBytes);
    this.#headers.setUint32(at + frameField.magic, frameMagic, true);
    this.#headers.setUint32(at + frameField.bodyBytes, bodyBytes, true);
    this.#headers.setUint32(at + frameField.bodyCrc32, crc32(body), true);
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** Returns the microseconds for a MiB. */
function usPerMiB(bytes: number, action: () => void): number {
  const startNs = process.hrtime.bigint();
  action();
  return Number(process.hrtime.bigint() - startNs) / 1000 / (bytes / MiB);
}

function print(name: string, value: string): void {
  console.log(`  ${name.padEnd(52)}${value.padStart(14)}`);
}

function us(value: number): string {
  return `${value.toFixed(0)} µs/MiB`;
}

function readAll(folder: string, visit: (bodyBytes: number) => void = () => {}): WalEnd {
  for (const item of readWal({ ...owner, storage, folder })) {
    if (item.kind === 'end') return item;
    if (item.kind === 'frame') visit(item.body.byteLength);
  }
  throw new Error('the log has no end');
}

type Durability = 'logged' | 'synced';

function openLog(folder: string, durability: Durability): WalWriter {
  const found = readAll(folder);
  const neededFrom = found.nextPosition;
  return new WalWriter({ ...owner, storage, folder, walBytesMax, durability, found, neededFrom });
}

/** A log whose records are released at once, so that its files are reused in turn. */
class Appender {
  readonly #log: WalWriter;
  readonly #frames: Frames;
  #position = 1;

  constructor(folder: string, frames: Frames, durability: Durability) {
    this.#log = openLog(folder, durability);
    this.#frames = frames;
  }

  /** The bench of the ring includes stamping; here it happens before the clock starts. */
  prepare(): void {
    const epoch = this.#log.begin(this.#frames.bytes.byteLength);
    this.#frames.stamp(this.#position, Number(epoch));
  }

  append(): void {
    const last = this.#position + this.#frames.count - 1;
    if (this.#log.begin(this.#frames.bytes.byteLength) === 'full') throw new Error('full');
    this.#log.append([this.#frames.bytes], this.#position, last);
    this.#log.sync();
    this.#log.release(this.#position);
    this.#position = last + 1;
  }

  close(): void {
    this.#log.close();
  }
}

/**
 * Runs all candidates in turns with each group, so that other load on the machine affects all
 * alike.
 */
function measureGroups(folder: string, groupBytes: number, durability: Durability): void {
  const frames = new Frames(16 * KiB, groupBytes);
  const bytes = frames.bytes.byteLength;
  const logFolder = join(folder, `log-${groupBytes}-${durability}`, 'lane-0');
  const appender = new Appender(logFolder, frames, durability);
  const groupCount = groupCountOf(bytes, durability);
  const rounds = { log: [] as number[], growing: [] as number[], checksum: [] as number[] };
  for (let round = 0; round < roundCount; round += 1) {
    const path = join(folder, `growing-${round}`);
    const file = storage.open(path, 'create');
    const appendToFile = (index: number) => {
      storage.write(file, [frames.bytes], index * bytes);
      if (durability === 'synced') storage.syncData(file);
    };
    const sums = { log: 0, growing: 0, checksum: 0 };
    for (let index = 0; index < groupCount; index += 1) {
      appender.prepare();
      sums.log += usPerMiB(bytes, () => appender.append());
      sums.growing += usPerMiB(bytes, () => appendToFile(index));
      sums.checksum += usPerMiB(bytes, () => crc32(frames.bytes));
    }
    storage.close(file);
    storage.remove(path);
    rounds.log.push(sums.log / groupCount);
    rounds.growing.push(sums.growing / groupCount);
    rounds.checksum.push(sums.checksum / groupCount);
  }
  appender.close();
  const [log = 0, growing = 0, checksum = 0] = Object.values(rounds).map(median);
  console.log(`Groups of ${groupBytes / KiB} KiB, ${durability}`);
  print('the log: begin, append, sync, release', us(log));
  print('appending to a file that grows', us(growing));
  print('crc32 of the same bytes', us(checksum));
  print('growing file / log', (growing / log).toFixed(2));
  print('log / crc32', (log / checksum).toFixed(2));
}

/** A sync takes about as long for a small group as for a large one. */
function groupCountOf(bytes: number, durability: Durability): number {
  return durability === 'synced' ? syncedGroupCount : Math.ceil(roundBytes / bytes);
}

/** Reads the whole log back, as a recovery that needs all of it does. */
function measureReading(folder: string, bodyBytes: number): void {
  const logFolder = join(folder, `read-${bodyBytes}`, 'lane-0');
  const frames = new Frames(bodyBytes, 1 * MiB);
  const appender = new Appender(logFolder, frames, 'logged');
  for (let at = 0; at < 1.5 * walBytesMax; at += frames.bytes.byteLength) {
    appender.prepare();
    appender.append();
  }
  appender.close();
  const rates: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    let bytes = 0;
    const startNs = process.hrtime.bigint();
    readAll(logFolder, (body) => {
      bytes += body;
    });
    rates.push(bytes / 1e6 / (Number(process.hrtime.bigint() - startNs) / 1e9));
  }
  print(`bodies of ${bodyBytes / KiB} KiB`, `${median(rates).toFixed(0)} MB/s`);
}

const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'archer-wal-'));
try {
  for (const durability of ['logged', 'synced'] as const) {
    for (const groupBytes of groupSizes) measureGroups(folder, groupBytes, durability);
  }
  console.log('Reading a full log back, from memory (goal: above 200 MB/s)');
  for (const bodyBytes of bodySizes) measureReading(folder, bodyBytes);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
