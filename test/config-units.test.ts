/** Sizes and times as people write them. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseByteCount, parseDurationMs } from '../src/config-units.ts';

it('parseByteCount: takes plain bytes, binary and decimal units', () => {
  const texts = ['1024', '64KiB', '1.5 MiB', '2GiB', '3KB', '4MB', '5GB'];
  const bytes = [1024, 65_536, 1_572_864, 2 ** 31, 3000, 4e6, 5e9];
  assert.deepEqual(texts.map(parseByteCount), bytes);
});

it('parseDurationMs: takes ms, s, m, h, d and a bare 0', () => {
  assert.deepEqual(
    ['250ms', '5s', '1.5m', '2h', '7d', '0'].map(parseDurationMs),
    [250, 5000, 90_000, 7_200_000, 604_800_000, 0],
  );
});

it('units: what is neither a size nor a time is not a number', () => {
  for (const text of ['', 'MiB', '-1', '5 parsecs', '1e3', '10MIB']) {
    assert.ok(Number.isNaN(parseByteCount(text)), text);
  }
  for (const text of ['', '5', 's', '-5s', '5 years']) {
    assert.ok(Number.isNaN(parseDurationMs(text)), text);
  }
});
