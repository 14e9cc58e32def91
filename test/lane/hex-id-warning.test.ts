/** Tests that ids in hex text are reported by one line. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { HexIdWarning } from '../../src/lane/hex-id-warning.ts';

it('HexIdWarning: writes one line at the first ids, and none before or after', () => {
  let count = 0;
  const lines: unknown[] = [];
  const journal = { write: (...line: unknown[]) => void lines.push(line) };
  const warning = new HexIdWarning({ hexTextIdCount: () => count }, journal);
  warning.check();
  assert.deepEqual(lines, []);
  for (count of [3, 4, 5]) warning.check();
  assert.deepEqual(lines, [
    [
      'warn',
      'a sender writes ids as hex text into protobuf; they are kept as they were sent',
      { ids: 3 },
    ],
  ]);
});
