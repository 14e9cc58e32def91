/** Shows that names contain what they were made from, and that foreign names are not accepted. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  dateFolder,
  isDateFolder,
  parseSegmentFileName,
  sealedPath,
  segmentFileName,
  segmentPath,
  utcDate,
} from '../../src/disk/layout.ts';
import { signals } from '../../src/shared/signal.ts';
import { seededRandom } from '../random.ts';

const firstReceivedMs = Date.parse('2026-11-21T08:53:05.123Z');

describe('segmentPath', () => {
  it('a segment: lies in the folder of its date', () => {
    assert.equal(
      segmentPath({ signal: 'traces', firstReceivedMs, number: 1 }),
      'traces/date=2026-11-21/traces-20261121T085305.123Z-000001.arrow',
    );
  });
});

describe('segmentFileName', () => {
  it('numbers of more than six digits: make the name longer', () => {
    const name = segmentFileName({ signal: 'logs', firstReceivedMs, number: 12_345_678 });
    assert.equal(name, 'logs-20261121T085305.123Z-12345678.arrow');
    assert.equal(parseSegmentFileName(name)?.number, 12_345_678);
  });

  it('any name: is read back as it was made', () => {
    const random = seededRandom();
    for (let round = 0; round < 2000; round++) {
      const name = {
        signal: signals[random.below(3)]!,
        firstReceivedMs: random.below(2 ** 43),
        number: 1 + random.below(10 ** (1 + random.below(15)) - 1),
        ...(random.below(2) === 0 && { isStaged: true as const }),
      };
      assert.deepEqual(parseSegmentFileName(segmentFileName(name)), name);
    }
  });
});

describe('parseSegmentFileName', () => {
  const foreign = [
    '_traces-20261121T085305.123Z-000001.arrow',
    'traces-20261121T085305.123Z-000001.arrows',
    '__traces-20261121T085305.123Z-000001.arrows',
    '',
    'traces',
    'spans-20261121T085305.123Z-000001.arrow',
    'Traces-20261121T085305.123Z-000001.arrow',
    'traces-20261121T085305.123Z-1.arrow',
    'traces-20261121T085305.123Z-00001.arrow',
    'traces-20261121T085305.123Z-0000001.arrow',
    'traces-20261121T085305.123Z-000000.arrow',
    'traces-20261121T085305.123Z-1000000000000000.arrow',
    'traces-20261121T085305.123Z-00000a.arrow',
    'traces-20260230T085305.123Z-000001.arrow',
    'traces-20261321T085305.123Z-000001.arrow',
    'traces-20261121T245305.123Z-000001.arrow',
    'traces-20261121T240000.000Z-000001.arrow',
    'traces-20261121T085305.12Z-000001.arrow',
    'traces-20261121T085305.123-000001.arrow',
    'traces-2026-11-21T08:53:05.123Z-000001.arrow',
    'traces-20261121T085305.123Z-000001.arrows',
    'traces-20261121T085305.123Z-000001.arrow.tmp',
    'traces-20261121T085305.123Z-000001.arrow\n',
    '_traces-20261121T085305.123Z-000001.arrow',
    ' traces-20261121T085305.123Z-000001.arrow',
    'x/traces-20261121T085305.123Z-000001.arrow',
  ];
  for (const name of foreign) {
    it(`a foreign name: ${JSON.stringify(name)}`, () => {
      assert.equal(parseSegmentFileName(name), undefined);
    });
  }
});

describe('dateFolder', () => {
  it('the last nanosecond of a day and the first of the next: are two folders', () => {
    const midnight = BigInt(Date.parse('2026-11-22T00:00:00Z')) * 1_000_000n;
    assert.equal(dateFolder(midnight - 1n), 'date=2026-11-21');
    assert.equal(dateFolder(midnight), 'date=2026-11-22');
    assert.equal(utcDate(midnight), '2026-11-22');
  });

  it('the greatest time that fits in a column: has a folder', () => {
    assert.ok(isDateFolder(dateFolder(2n ** 63n - 1n)));
  });
});

describe('isDateFolder', () => {
  const foreign = ['', '2026-11-21', 'date=2026-11-31', 'date=2026-02-30', 'date=26-11-21'];
  for (const name of [...foreign, 'date=2026-11-21 ', 'date=2026-11-21/x', 'Date=2026-11-21']) {
    it(`a foreign name: ${JSON.stringify(name)}`, () => assert.equal(isDateFolder(name), false));
  }
});

describe('sealedPath', () => {
  const folder = 'traces/date=2026-11-21';

  it('a staged segment: leads to its file in the same folder', () => {
    const path = segmentPath({ signal: 'traces', firstReceivedMs, number: 1, isStaged: true });
    assert.equal(path, `${folder}/_traces-20261121T085305.123Z-000001.arrows`);
    assert.equal(sealedPath(path), `${folder}/traces-20261121T085305.123Z-000001.arrow`);
  });

  it('any other path: leads nowhere', () => {
    assert.equal(sealedPath(`${folder}/traces-20261121T085305.123Z-000001.arrow`), undefined);
    assert.equal(sealedPath(`${folder}/_notes.arrows`), undefined);
  });
});
