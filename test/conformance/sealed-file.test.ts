/** Readers of Arrow IPC files and of whole folders read sealed segments in that format. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { sealAsFile } from '../../src/disk/segment/sealed-file.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { RandomTraces } from '../columns/random-traces.ts';
import { stagedPath } from '../disk/arrow-file.ts';
import { finish } from '../disk/finish.ts';
import { chooseSeed, TestRandom } from '../random.ts';
import { cleanUp, makeFolder, startRecorder } from '../recorder/recorder-process.ts';
import { runPython } from './python.ts';
import { segmentsIn } from './segments.ts';

after(cleanUp);

/** Sealed streams of random requests, some refused, in several segments. */
async function recordStreams(flags: readonly string[], seed: number): Promise<string[]> {
  const recorder = await startRecorder([...flags, '--batch-max-rows', '200']);
  const traces = new RandomTraces(new TestRandom(seed), { irregularity: 0.02 });
  for (let count = 0; count < 150; count++) {
    await fetch(`http://127.0.0.1:${recorder.ports.http}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: new Uint8Array(traces.request()),
    });
    if (count % 50 === 49) await recorder.post('/api/rotate');
  }
  await recorder.stop();
  return segmentsIn(recorder.outputDir);
}

describe('sealed files', () => {
  for (const compression of ['zstd', 'none']) {
    it(`${compression}: every reader of files and folders reads what the streams hold`, async (test) => {
      const seed = chooseSeed();
      test.diagnostic(`SEED=${seed}`);
      const streams = await recordStreams(['--compression', compression], seed);
      assert.ok(streams.length > 1, 'nothing was rotated');
      const outputDir = makeFolder();
      for (const stream of streams) {
        const path = `traces/${basename(dirname(stream))}/${basename(stream)}`;
        const staged = stagedPath(path);
        mkdirSync(join(outputDir, dirname(path)), { recursive: true });
        copyFileSync(stream, join(outputDir, staged));
        assert.equal(finish(sealAsFile(nodeStorage, outputDir, staged)), path);
      }
      // An active one, which readers of folders are to pass over.
      const active = stagedPath(`traces/${basename(dirname(streams[0]!))}/traces-x.arrow`);
      writeFileSync(join(outputDir, active), 'torn');
      const found = await runPython('read_files.py', outputDir, ...streams);
      for (const line of found.trimEnd().split('\n')) test.diagnostic(line);
    });
  }
});
