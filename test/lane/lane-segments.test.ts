/** A lane's segment writers and the checkpoint that follows them. */
import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { schemaMessage } from '../../src/columns/schema.ts';
import { loadConfig } from '../../src/config/config.ts';
import { recoverSegments } from '../../src/disk/recovery/recovery.ts';
import { readCheckpoint } from '../../src/disk/segment/checkpoint.ts';
import { openIdentity } from '../../src/disk/segment/recorder-id.ts';
import type { SegmentSealed } from '../../src/lane/lane-messages.ts';
import { LaneSegments } from '../../src/lane/lane-segments.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { silentJournal } from '../../src/shared/journal.ts';
import { exampleBatch, exampleRows } from '../disk/example-batch.ts';
import { finish } from '../disk/finish.ts';
import { unsyncedStorage } from '../disk/unsynced-storage.ts';
import { cleanUp, makeFolder } from '../recorder/recorder-process.ts';

after(cleanUp);

it('LaneSegments: sealing tells the segment, and the checkpoint follows', () => {
  const outputDir = makeFolder();
  const loaded = loadConfig({ flags: { output_dir: outputDir }, environment: {} });
  assert.ok(loaded.ok);
  const recorderId = openIdentity(unsyncedStorage, outputDir);
  const schema = schemaMessage('traces', { writer: 'test', recorder: recorderId });
  const start = { config: loaded.config, lane: 0, recorderId, schemaMessages: { traces: schema } };
  const sealed: SegmentSealed[] = [];
  const recovery = finish(recoverSegments(unsyncedStorage, outputDir, recorderId, 0));
  const segments = new LaneSegments({
    ...{
      start,
      storage: unsyncedStorage,
      clock: systemClock,
      recovery,
      positions: { next: 4 },
      journal: silentJournal,
    },
    onSealed: (segment) => sealed.push(segment),
  });
  assert.deepEqual(segments.seal(), []);
  const batch = exampleBatch(exampleRows(0, 2), { compression: 'none' });
  segments.writers.get('traces')?.append(batch, { from: 1n, to: 3n });
  const [path] = segments.seal();
  assert.deepEqual(
    sealed.map((segment) => segment.path),
    [path],
  );
  segments.settle();
  const checkpoint = readCheckpoint(unsyncedStorage, outputDir);
  assert.ok(typeof checkpoint !== 'string');
  assert.deepEqual([checkpoint.oldestOpenNumber, checkpoint.lanes[0]?.archived.traces], [2, 3n]);
});

it('LaneSegments: a reload counts for the next segment, and a reason is told', () => {
  const outputDir = makeFolder();
  const configOf = (form: string) => {
    const flags = { output_dir: outputDir, 'rotation.seal_format': form };
    const loaded = loadConfig({ flags, environment: {} });
    assert.ok(loaded.ok);
    return loaded.config;
  };
  const recorderId = openIdentity(unsyncedStorage, outputDir);
  const schema = schemaMessage('traces', { writer: 'test', recorder: recorderId });
  const schemaMessages = { traces: schema };
  const start = { config: configOf('stream'), lane: 0, recorderId, schemaMessages };
  const sealed: SegmentSealed[] = [];
  const recovery = finish(recoverSegments(unsyncedStorage, outputDir, recorderId, 0));
  const segments = new LaneSegments({
    ...{
      start,
      storage: unsyncedStorage,
      clock: systemClock,
      recovery,
      positions: { next: 4 },
      journal: silentJournal,
    },
    onSealed: (segment) => sealed.push(segment),
  });
  const append = (position: bigint) => {
    const batch = exampleBatch(exampleRows(0, 2), { compression: 'none' });
    segments.writers.get('traces')?.append(batch, { from: position, to: position });
  };
  append(1n);
  segments.reconfigure(configOf('file'));
  append(2n);
  segments.seal('schedule');
  append(3n);
  segments.seal();
  assert.deepEqual(
    sealed.map(({ path, reason }) => [path.split('/')[2]?.replace(/^(_?).*\./, '$1*.'), reason]),
    [
      ['*.arrow', 'schedule'],
      ['_*.arrows', 'asked'],
    ],
  );
});
