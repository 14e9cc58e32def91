/** The sections of the configuration file as one schema. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { z } from 'zod';
import { settingTree } from '../../src/config/setting-tree.ts';

const tree = settingTree((key) => z.literal(key));
const nullable = settingTree((key) => z.literal(key), true);

it('settingTree: a strict object for each section, with the schema of each setting', () => {
  const value = {
    preset: 'preset',
    retention: { max_age: 'retention.max_age', logs: { max_age: 'retention.logs.max_age' } },
  };
  assert.deepEqual(tree.parse(value), value);
  const empty = { retention: null, batch: {} };
  assert.deepEqual(nullable.parse(empty), empty);
  for (const bad of [{ retention: { logs: { max_rows: 1 } } }, { x: 1 }, { batch: [] }, empty]) {
    assert.equal(tree.safeParse(bad).success, false, JSON.stringify(bad));
  }
});
