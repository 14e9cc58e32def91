/** A lane is started once the directory is held and prepared, with the configuration of then. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type Config, loadConfig } from '../../src/config/config.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import type { DirectoryAttempt } from '../../src/recorder/held-directory.ts';
import { createLaneMemory, laneStarter } from '../../src/recorder/lane-starter.ts';

function configOf(rowsMax: string): Config {
  const loaded = loadConfig({ flags: { 'batch.max_rows': rowsMax }, environment: {} });
  assert.ok(loaded.ok);
  return loaded.config;
}

it('laneStarter: waits with the directory, then starts with the newest configuration', async () => {
  const attempts: DirectoryAttempt[] = [{ waitsFor: 'ENOSPC' }, { recorderId: 'r1' }];
  const prepared: string[] = [];
  let config = configOf('5');
  const start = laneStarter({
    storage: nodeStorage,
    directory: { take: async () => attempts.shift() ?? { recorderId: 'r1' } },
    archive: { prepare: async (recorderId) => void prepared.push(recorderId) },
    config: () => config,
    shared: createLaneMemory(1, 2),
  });
  assert.deepEqual([await start(), prepared], [{ waitsFor: 'ENOSPC' }, []]);
  const first = await start();
  assert.ok(!('waitsFor' in first));
  assert.deepEqual(Object.keys(first.schemaMessages), ['traces', 'metrics', 'logs']);
  assert.deepEqual([first.config['batch.max_rows'], prepared], [5, ['r1']]);
  config = configOf('6');
  const second = await start();
  assert.ok(!('waitsFor' in second));
  assert.equal(second.config['batch.max_rows'], 6);
  assert.notEqual(second.memory, first.memory);
  assert.equal(second.decoderModule, first.decoderModule);
});
