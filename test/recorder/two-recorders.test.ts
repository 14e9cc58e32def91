/** Two recorders on one directory: the lease lets one record, and a holder that lost it stops. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { segmentFiles } from '../../src/disk/segment/segment-files.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { field, requestOf } from '../columns/wire-writer.ts';
import { readArchive } from '../query/recorded-rows.ts';
import { cleanUp, runArcher, startRecorder } from './recorder-process.ts';

/** The test decides when batches are written. */
const flags = ['--batch-max-age', '1h'];

after(cleanUp);

async function send(port: number, name: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(requestOf(field(5, name))),
  });
  await response.arrayBuffer();
  assert.equal(response.status, 200, name);
}

const names = Array.from({ length: 20 }, (_, index) => `span ${index}`);

describe('two recorders', () => {
  it('a holder whose lock is replaced: ends at once, writes nothing, and nothing is lost', async () => {
    const first = await startRecorder(flags);
    const { outputDir, child } = first;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    for (const name of names) await send(first.ports.http, name);
    const lock = join(outputDir, '.archer', 'lock');
    const holder = JSON.parse(readFileSync(lock, 'utf8'));
    const other = { ...holder, lease: 'another', pid: 7, boot_id: 'another', host: 'web-2' };
    writeFileSync(`${lock}.new`, `${JSON.stringify(other)}\n`);
    renameSync(`${lock}.new`, lock);
    assert.equal(await exited, 1);
    assert.match(first.stderr(), /lock was replaced, and .* in use by process 7 on host web-2/);
    assert.deepEqual(segmentFiles(nodeStorage, outputDir, ['traces']), []);
    // The other one, which never renews its lock, is taken for dead.
    const second = await startRecorder(flags, outputDir);
    await send(second.ports.http, 'last');
    assert.equal((await second.stop()).code, 0, second.stderr());
    assert.deepEqual(
      readArchive(outputDir).map(({ name }) => name),
      [...names, 'last'],
    );
  });

  // Needs the right to make namespaces, as root has it.
  const inNamespace = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];
  if (spawnSync(inNamespace[0]!, [...inNamespace.slice(1), 'true']).status === 0) {
    it('in two process namespaces, like containers: the second is refused with exit 2', async () => {
      const first = await startRecorder(flags, undefined, {}, inNamespace);
      const args = ['record', '--output-dir', first.outputDir, '--http-port', '0'];
      const { code, stderr } = await runArcher(args, {}, inNamespace);
      assert.equal(code, 2, stderr);
      assert.match(stderr, /is in use by process 1 \(OTLP\/HTTP on port \d+\)/);
      for (const name of names) await send(first.ports.http, name);
      await first.stop('SIGKILL');
      const third = await startRecorder(flags, first.outputDir);
      assert.equal((await third.stop()).code, 0, third.stderr());
      assert.deepEqual(
        readArchive(first.outputDir).map(({ name }) => name),
        names,
      );
    });
  }
});
