/** Times as people write them are converted to exact Unix nanoseconds. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseTime } from '../../src/shared/time-text.ts';

const now = 1_795_262_400_123_456_789n;

describe('time text', () => {
  const absolute: Record<string, bigint> = {
    '2026-11-21T08:53:05.123456789Z': 1_795_251_185_123_456_789n,
    '2026-11-21T08:53:05.1Z': 1_795_251_185_100_000_000n,
    '2026-11-21T08:53:05Z': 1_795_251_185_000_000_000n,
    '2026-11-21t08:53:05z': 1_795_251_185_000_000_000n,
    '2026-11-21 08:53:05Z': 1_795_251_185_000_000_000n,
    '2026-11-21T10:23:05+01:30': 1_795_251_185_000_000_000n,
    '2026-11-21T08:53Z': 1_795_251_180_000_000_000n,
    '2026-11-21': 1_795_219_200_000_000_000n,
    '1970-01-01T00:00:00Z': 0n,
  };
  for (const [text, expected] of Object.entries(absolute)) {
    it(`${text} is a time`, () => assert.equal(parseTime(text, now), expected));
  }

  const relative: Record<string, bigint> = {
    '-15m': 900_000_000_000n,
    '-1.5h': 5_400_000_000_000n,
    '-250ms': 250_000_000n,
    '-7d': 604_800_000_000_000n,
    '-0s': 0n,
  };
  for (const [text, ago] of Object.entries(relative)) {
    it(`${text} is so long ago`, () => assert.equal(parseTime(text, now), now - ago));
  }

  const wrong = ['', 'now', '15m', '-15', '-m', '+15m', '2026-11-21T08:53:05', '2026-02-30'];
  const broken = ['2026-13-01', '2026-11-21T25:00:00Z', '2026-11-21T08:53:05.1234567890Z', '2026'];
  for (const text of [...wrong, ...broken, `-${'9'.repeat(30)}d`]) {
    it(`${text} is none`, () => assert.equal(parseTime(text, now), undefined));
  }
});
