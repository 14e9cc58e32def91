/** Sizes and times as texts. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  byteCountText,
  durationText,
  parseByteCount,
  parseDurationMs,
} from '../../src/config/units.ts';

it('parseByteCount: reads plain bytes, binary and decimal units', () => {
  const texts = ['1024', '64KiB', '1.5 MiB', '2GiB', '3KB', '4MB', '5GB'];
  const bytes = [1024, 65_536, 1_572_864, 2 ** 31, 3000, 4e6, 5e9];
  assert.deepEqual(texts.map(parseByteCount), bytes);
});

it('parseDurationMs: reads ms, s, m, h, d and a bare 0', () => {
  assert.deepEqual(
    ['250ms', '5s', '1.5m', '2h', '7d', '0'].map(parseDurationMs),
    [250, 5000, 90_000, 7_200_000, 604_800_000, 0],
  );
});

it('units: other texts are NaN', () => {
  for (const text of ['', 'MiB', '-1', '5 parsecs', '1e3', '10MIB', '1constructor']) {
    assert.ok(Number.isNaN(parseByteCount(text)), text);
  }
  for (const text of ['', '5', 's', '-5s', '5 years']) {
    assert.ok(Number.isNaN(parseDurationMs(text)), text);
  }
});

it('units: texts have the shortest whole number, and are read back', () => {
  const bytes = [0, 1, 999, 1000, 1024, 1_572_864, 128 * 2 ** 20, 5e9, 2 ** 53 - 1];
  const byteTexts = ['0', '1', '999', '1KB', '1KiB', '1536KiB', '128MiB', '5GB'];
  assert.deepEqual(bytes.map(byteCountText), [...byteTexts, '9007199254740991']);
  assert.deepEqual(bytes.map(byteCountText).map(parseByteCount), bytes);
  const times = [0, 250, 5_000, 90_000, 7_200_000, 604_800_000];
  assert.deepEqual(times.map(durationText), ['0', '250ms', '5s', '90s', '2h', '7d']);
  assert.deepEqual(times.map(durationText).map(parseDurationMs), times);
});
