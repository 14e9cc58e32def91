/** Shows that a batch's metadata is read back as written, and that any other shape is rejected. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import { servicesBytesMax, traceIdFilterBytesMax } from '../../../src/disk/ipc/ipc-format.ts';
import {
  messageMetadata,
  readBodyCrc32,
  readLogRange,
  readStats,
  readTraceIdFilter,
} from '../../../src/disk/ipc/message-metadata.ts';
import { exampleBatch, exampleRows, exampleTime } from '../example-batch.ts';

const range = {
  recorder: '0f8fad5b-d9cb-469f-a165-70867728950e',
  lane: 3,
  from: 7n,
  to: 2n ** 47n,
};
const batch = exampleBatch(exampleRows(0, 10), {
  services: ['shop', '"ü"'],
  traceIdFilter: Uint8Array.of(1, 2, 3, 255),
});

describe('messageMetadata', () => {
  it('a batch: is written as the format page says', () => {
    const body = new TextEncoder().encode('12345678');
    assert.deepEqual(
      [...messageMetadata({ ...batch, body }, range)],
      [
        [
          'archer.wal',
          '{"recorder":"0f8fad5b-d9cb-469f-a165-70867728950e","lane":3,' +
            '"from":"7","to":"140737488355328"}',
        ],
        ['archer.crc32', '9ae0daaf'],
        [
          'archer.stats',
          '{"rows":10,"first_time":"1795251185122999000","last_time":"1795251185122999999",' +
            '"first_received_time":"1795251185123000000",' +
            '"last_received_time":"1795251185123000000","services":["shop","\\"ü\\""]}',
        ],
        ['archer.trace_ids', 'AQID/w=='],
      ],
    );
  });

  it('what was written: is read back', () => {
    const metadata = messageMetadata(batch, range);
    assert.deepEqual(readLogRange(metadata), range);
    assert.deepEqual(readStats(metadata), batch.stats);
    assert.equal(readBodyCrc32(metadata), crc32(batch.body));
    assert.deepEqual(readTraceIdFilter(metadata), batch.traceIdFilter);
  });

  it('a checksum that begins with zeros: has eight digits', () => {
    const body = Buffer.alloc(8);
    while (crc32(body) >= 2 ** 20) body.writeUInt32LE(body.readUInt32LE() + 1);
    const metadata = messageMetadata({ ...batch, body }, range);
    assert.match(metadata.get('archer.crc32') ?? '', /^000[0-9a-f]{5}$/);
    assert.equal(readBodyCrc32(metadata), crc32(body));
  });

  it('rows without times, and metrics without a filter: say nothing of them', () => {
    const stats = { ...batch.stats, firstTime: null, lastTime: null };
    const metadata = messageMetadata({ ...exampleBatch(exampleRows(0, 1)), stats }, range);
    assert.equal(readStats(metadata)?.firstTime, null);
    assert.equal(readStats(metadata)?.firstReceivedTime, exampleTime);
    assert.equal(readTraceIdFilter(metadata), undefined);
    assert.equal(metadata.has('archer.trace_ids'), false);
  });

  it('more services than can be named: are null', () => {
    const services = Array.from({ length: servicesBytesMax / 8 }, (_, index) => `service ${index}`);
    const metadata = messageMetadata(exampleBatch(exampleRows(0, 1), { services }), range);
    assert.equal(readStats(metadata)?.services, null);
  });

  it('a filter larger than can be read back: is left out', () => {
    const traceIdFilter = new Uint8Array(traceIdFilterBytesMax + 1);
    const metadata = messageMetadata(exampleBatch(exampleRows(0, 1), { traceIdFilter }), range);
    assert.equal(metadata.has('archer.trace_ids'), false);
  });
});

/** Changes fields of a valid JSON entry so that it must be rejected. */
function changed(entry: string, change: Record<string, unknown>): Map<string, string> {
  const metadata = messageMetadata(batch, range);
  const fields = { ...JSON.parse(metadata.get(entry) ?? '{}'), ...change };
  return new Map([[entry, JSON.stringify(fields)]]);
}

describe('readLogRange', () => {
  const changes = [
    { recorder: 5 },
    { recorder: undefined },
    { lane: -1 },
    { lane: 0.5 },
    { lane: '0' },
    { from: 7 },
    { from: '-7' },
    { from: '7.5' },
    { from: '' },
    { from: ' 7' },
    { to: '6' },
    { to: String(2n ** 48n) },
    { to: '9'.repeat(21) },
    { to: null },
  ];
  for (const change of changes) {
    it(`${JSON.stringify(change)}: is not ours`, () => {
      assert.equal(readLogRange(changed('archer.wal', change)), undefined);
    });
  }

  for (const text of ['', 'null', '7', '[]', '{', '"text"', '{"recorder":"x"}']) {
    it(`${JSON.stringify(text)}: is not ours`, () => {
      assert.equal(readLogRange(new Map([['archer.wal', text]])), undefined);
      assert.equal(readStats(new Map([['archer.stats', text]])), undefined);
    });
  }

  it('no entry: is not ours', () => {
    assert.equal(readLogRange(new Map()), undefined);
  });
});

describe('readStats', () => {
  const changes = [
    { rows: -1 },
    { rows: '10' },
    { rows: 1e300 },
    { first_time: 5 },
    { first_time: undefined },
    { last_time: '1e9' },
    { first_received_time: null },
    { last_received_time: String(2n ** 64n) },
    { services: 'shop' },
    { services: ['shop', 7] },
    { services: undefined },
  ];
  for (const change of changes) {
    it(`${JSON.stringify(change)}: is not ours`, () => {
      assert.equal(readStats(changed('archer.stats', change)), undefined);
    });
  }
});

describe('readBodyCrc32', () => {
  for (const text of ['', '123', '123456789', '1234567g', '1234567A', ' 1234567']) {
    it(`${JSON.stringify(text)}: is not ours`, () => {
      assert.equal(readBodyCrc32(new Map([['archer.crc32', text]])), undefined);
    });
  }
});

describe('readTraceIdFilter', () => {
  for (const text of ['A', 'AQID/w', 'AQID_w==', 'AQ ID/w==', '!']) {
    it(`${JSON.stringify(text)}: is not ours`, () => {
      assert.equal(readTraceIdFilter(new Map([['archer.trace_ids', text]])), undefined);
    });
  }
});
