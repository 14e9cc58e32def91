/** Tests the layout of a body, with and without compression. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BodyRegion } from '../../../src/columns/arrow/body-region.ts';
import { BodyWriter } from '../../../src/columns/arrow/body-writer.ts';
import { readCutTable } from '../../../src/columns/arrow/cut-table.ts';
import { nativeCompress, zstdLevel } from '../../../src/columns/arrow/zstd.ts';
import type { Compress } from '../../../src/shared/compress.ts';
import { TestRandom, takeSeed } from '../../random.ts';
import type { Run } from '../decode/zstd/runs.ts';
import { FakeSource } from '../fake-source.ts';
import { readBodyBuffers } from './body-buffers.ts';

const random = new TestRandom(takeSeed());
const native = nativeCompress(zstdLevel);

function writeBody(source: FakeSource, compress?: Compress, region = new BodyRegion(source)) {
  const entryCount = source.cut();
  const entries = readCutTable(source.memory.buffer, source.cutTable(), entryCount);
  const writer = new BodyWriter(source, region, compress);
  for (const entry of entries) writer.write(entry);
  return { body: writer.end(), buffers: writer.buffers };
}

/** Writes the body both ways and compares the layout and what is read back with the source. */
function check(source: FakeSource) {
  const expected = source.contents.map((content) => Buffer.from(content).toString('latin1'));
  for (const compress of [undefined, native]) {
    const { body, buffers } = writeBody(source, compress);
    const contents = readBodyBuffers(body, buffers, compress === undefined ? 'none' : 'zstd');
    assert.deepEqual(
      contents.map((content) => Buffer.from(content).toString('latin1')),
      expected,
    );
  }
}

/** Counts the calls of the compressor for a body, and their bytes. */
function compressCalls(source: FakeSource): number[] {
  const calls: number[] = [];
  writeBody(source, (bytes) => {
    calls.push(bytes.byteLength);
    return native(bytes);
  });
  return calls;
}

/** Returns the first eight bytes of the only buffer. */
function prefixOf(source: FakeSource): bigint {
  const { body } = writeBody(source, native);
  return new DataView(body.buffer, body.byteOffset).getBigInt64(0, true);
}

/** Returns offsets of `count` texts below a length. */
function rising(count: number, lengthMax: number): Uint8Array {
  let offset = 0;
  const next = () => (offset += random.below(lengthMax));
  return new Uint8Array(Int32Array.from({ length: count + 1 }, next).buffer);
}

function times(count: number): Uint8Array {
  let time = 1_763_683_200_000_000_000n;
  const next = () => (time += BigInt(random.below(2_000_000)));
  return new Uint8Array(BigUint64Array.from({ length: count }, next).buffer);
}

const text = (value: string) => Buffer.from(value);
const sentence = text('the quick brown fox jumps over the lazy dog; '.repeat(40));

describe('body writer', () => {
  it('buffers: one of each kind', () => {
    const source = new FakeSource();
    source.addPlain(new Uint8Array(0));
    source.addPlain(sentence);
    source.addZeros(40_004);
    source.addHex(random.bytes(3000));
    source.addRun([
      [5000, text('cart')],
      [20, null],
      [1, text('')],
      [5000, text('checkout')],
    ]);
    source.addOffsets(rising(10_000, 20));
    source.addTimes(times(10_000));
    source.addPlain(random.bytes(3));
    check(source);
  });

  it('buffers: empty ones take nothing, not even a prefix', () => {
    const source = new FakeSource();
    source.addPlain(new Uint8Array(0));
    source.addZeros(0);
    source.addHex(new Uint8Array(0));
    source.addRun([[100, null]]);
    for (const compress of [undefined, native]) {
      const { body, buffers } = writeBody(source, compress);
      assert.equal(body.byteLength, 0);
      assert.deepEqual(buffers, [0, 0, 0, 0, 0, 0, 0, 0]);
    }
  });

  it('buffers: any mixture, of any size', () => {
    for (let round = 0; round < 30; round++) {
      const source = new FakeSource();
      for (let count = random.below(30); count > 0; count--) addAny(source);
      check(source);
    }
  });

  it('region: the next body takes the place of the last', () => {
    const source = new FakeSource();
    source.addPlain(sentence);
    const region = new BodyRegion(source);
    const first = writeBody(source, undefined, region).body;
    const second = writeBody(source, native, region).body;
    assert.equal(first.byteOffset, second.byteOffset);
  });

  it('prefix: the length inside where there is a frame', () => {
    const source = new FakeSource();
    source.addPlain(sentence);
    assert.equal(prefixOf(source), BigInt(sentence.byteLength));
  });

  it('prefix: -1 where a buffer is tiny, or no smaller as a frame', () => {
    for (const content of [text('tiny'), new Uint8Array(100), random.bytes(5000)]) {
      const source = new FakeSource();
      source.addPlain(content);
      assert.equal(prefixOf(source), -1n);
    }
    const zeros = new FakeSource();
    zeros.addZeros(8);
    assert.equal(prefixOf(zeros), -1n);
    const ids = new FakeSource();
    ids.addHex(random.bytes(16));
    assert.equal(prefixOf(ids), -1n);
  });

  it('compressor: not asked for what is known, nor for tiny buffers', () => {
    const source = new FakeSource();
    source.addZeros(100_000);
    source.addHex(random.bytes(50_000));
    source.addRun([
      [1000, sentence],
      [1000, text('other')],
    ]);
    source.addOffsets(rising(10_000, 20));
    source.addTimes(times(10_000));
    source.addPlain(new Uint8Array(100));
    assert.deepEqual(compressCalls(source), []);
  });

  it('compressor: asked for what is not known', () => {
    const source = new FakeSource();
    source.addPlain(sentence);
    source.addOffsets(rising(10_000, 2000));
    source.addTimes(new Uint8Array(8000).fill(7));
    assert.deepEqual(compressCalls(source), [sentence.byteLength, 40_004, 8000]);
    check(source);
  });

  it('compressor: asked where a hand-made frame is large, and the smaller one is taken', () => {
    const short = new FakeSource();
    short.addRun(Array.from({ length: 1000 }, (): Run => [20, text(`value ${random.below(7)}`)]));
    assert.deepEqual(compressCalls(short), [1000 * 20 * 7]);
    const { address, bytes } = readCutTable(short.memory.buffer, short.cutTable(), 1)[0]!;
    const handMadeBytes = short.zstdRun(short.module.place(bytes), address, bytes);
    assert.ok(writeBody(short, native).buffers[1]! < handMadeBytes);
    const poor = writeBody(short, (input) => new Uint8Array(input.byteLength + 20));
    assert.equal(poor.buffers[1], 8 + handMadeBytes);
    const [content] = readBodyBuffers(poor.body, poor.buffers, 'zstd');
    assert.deepEqual(content, new Uint8Array(short.contents[0]!));
  });
});

function addAny(source: FakeSource): void {
  const bytes = random.below([8, 300, 40_000][random.below(3)]!);
  const values = [text('a'), text('shop'), null, sentence.subarray(0, bytes)];
  const kinds = [
    () => source.addPlain(random.bytes(bytes)),
    () => source.addPlain(sentence.subarray(0, bytes)),
    () => source.addZeros(bytes),
    () => source.addHex(random.bytes(bytes)),
    () => source.addOffsets(rising(bytes >> 2, 1 + random.below(500))),
    () => source.addTimes(times(bytes >> 3)),
    () => {
      const runs = Array.from({ length: random.below(30) }, (): Run => {
        return [random.below(100), values[random.below(values.length)]!];
      });
      source.addRun(runs);
    },
  ];
  kinds[random.below(kinds.length)]!();
}
