/** One destination that is forwarded to: where it starts, and when its start fails. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, it } from 'node:test';
import { readCheckedFile } from '../../src/disk/checked-file.ts';
import { cursorPath } from '../../src/disk/layout.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { Cursor } from '../../src/forward/cursor.ts';
import { RunningDestination } from '../../src/forward/running-destination.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { configFrom } from '../config/loading.ts';
import { FaultStorage } from '../disk/fault-storage.ts';
import { temporaryFolders } from '../disk/temporary-folder.ts';

const newFolder = temporaryFolders();

function destination(entries: string) {
  const yaml = `forwarding: [{name: up, endpoint: "http://127.0.0.1:9", ${entries}}]`;
  const [found] = configFrom({ yaml }).forwarding;
  assert.ok(found !== undefined);
  return found;
}

function newOptions(outputDir = newFolder()) {
  const lines: string[] = [];
  const storage = new FaultStorage(nodeStorage);
  const options = {
    ...{ storage, outputDir, recorderId: 'own', lane: 0, clock: systemClock },
    journal: { write: (level: string, message: string) => lines.push(`${level} ${message}`) },
    progress: () => ({ next: 50, archivedBelow: 50 }),
    archive: { requests: async function* () {} },
    onClientFault: () => {},
  };
  return { options, storage, lines, path: cursorPath(outputDir, 'up') };
}

/** Returns the next position of a signal in the saved cursor. */
function savedPosition(path: string, signal: 'traces' | 'logs'): number | undefined {
  const content = readCheckedFile(nodeStorage, path, 10_000);
  assert.ok(typeof content !== 'string', String(content));
  return Cursor.fromText(0, content.text)?.nextPosition([signal]);
}

describe('RunningDestination', () => {
  it('a new destination: its start is saved when the constructor returns', async () => {
    const { options, path, lines } = newOptions();
    const running = new RunningDestination(destination('start: now'), options);
    assert.equal(savedPosition(path, 'traces'), 50);
    assert.deepEqual(lines, ['info forwarding up']);
    await running.stop(0);
  });

  it('addSignals: a signal that changed settings add starts at that moment', async () => {
    const { options, path } = newOptions();
    const running = new RunningDestination(destination('signals: [traces]'), options);
    running.addSignals(destination('signals: [traces, logs]'));
    options.progress = () => ({ next: 90, archivedBelow: 90 });
    await running.stop(0);
    assert.equal(savedPosition(path, 'logs'), 50);
  });

  it('a damaged cursor: logged, and everything is sent again', async () => {
    const { options, lines, path } = newOptions();
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'x');
    const running = new RunningDestination(destination('start: now'), options);
    assert.match(lines[0] ?? '', /^warn forwarding up: the cursor is damaged/);
    assert.equal(running.forwarder.status().nextPosition, 1);
    await running.stop(0);
  });

  it('a cursor that cannot be read: throws', () => {
    const { options, storage, path } = newOptions();
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'x');
    storage.failOnce('open', 'EIO');
    assert.throws(() => new RunningDestination(destination('start: now'), options), /EIO/);
  });
});
