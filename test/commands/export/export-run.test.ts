/** An export ends with its files whole, or with none, and says which. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it, mock } from 'node:test';
import { ExportRun } from '../../../src/commands/export/export-run.ts';
import type { ExportOptions } from '../../../src/commands/export/export-settings.ts';
import { nodeStorage, type Storage } from '../../../src/disk/storage.ts';
import { signals } from '../../../src/shared/signal.ts';
import { FaultStorage } from '../../disk/fault-storage.ts';
import { ArchiveBuilder } from '../../query/archive-builder.ts';
import { spansOf } from '../../query/small-requests.ts';
import { cleanUp, makeFolder } from '../../recorder/recorder-process.ts';

after(cleanUp);

function runOf(some: Partial<ExportOptions>, storage: Storage = nodeStorage) {
  const builder = new ArchiveBuilder();
  builder.segment([[spansOf('shop', {})], [spansOf('shop', {})]]);
  const options = { format: 'otlp-proto', output: makeFolder(), ...some } as ExportOptions;
  const selection = { signals, filter: {} };
  return { options, run: new ExportRun({ storage, reader: builder.reader, options, selection }) };
}

/** The exit code, and what was printed. */
async function outcome(run: ExportRun) {
  const print = mock.method(console, 'log', () => {});
  const complain = mock.method(console, 'error', () => {});
  try {
    const code = await run.run();
    const lines = [...print.mock.calls, ...complain.mock.calls];
    return { code, text: lines.map((call) => call.arguments.join(' ')).join('\n') };
  } finally {
    print.mock.restore();
    complain.mock.restore();
  }
}

describe('export run', () => {
  it('done: a file for each signal with rows, and a line for it', async () => {
    const { run, options } = runOf({});
    const { code, text } = await outcome(run);
    assert.deepEqual([code, readdirSync(options.output)], [0, ['traces.binpb']]);
    assert.match(text, /^2 spans of 2 requests, \d+ B: .*traces\.binpb$/);
  });

  it('stopped: its exit code, and no file', async () => {
    const { run, options } = runOf({});
    run.stop(130);
    assert.equal((await outcome(run)).code, 130);
    assert.deepEqual(readdirSync(options.output), []);
  });

  for (const operation of ['open', 'write', 'syncData', 'rename'] as const) {
    it(`a disk whose ${operation} fails: exit 1, one line, no file`, async () => {
      const storage = new FaultStorage();
      const { run, options } = runOf({ format: 'csv' }, storage);
      storage.failOnce(operation, 'ENOSPC');
      const { code, text } = await outcome(run);
      assert.equal(code, 1);
      assert.match(text, /^archer: .*traces\.csv cannot be written: ENOSPC/);
      assert.deepEqual(readdirSync(options.output), []);
      assert.equal(storage.openCount, 0);
    });
  }

  it('a folder that cannot be made: exit 1', async () => {
    const storage = new FaultStorage();
    const { run } = runOf({ output: `${join(makeFolder(), 'new')}/` }, storage);
    storage.failOnce('makeFolder', 'EACCES');
    const { code, text } = await outcome(run);
    assert.equal(code, 1);
    assert.match(text, /new\/traces\.binpb cannot be written: EACCES/);
  });
});
