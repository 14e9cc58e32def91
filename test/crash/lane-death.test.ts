/** A lane that dies by a defect: it is started again with recovery, until it has died three times. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readArchive } from '../archive.ts';
import { field, requestOf } from '../columns/wire-writer.ts';
import { cleanUp, makeFolder, startRecorder } from '../recorder-process.ts';
import type { KillPoint } from './kill-point.ts';

const hook = new URL('./kill-hook.js', import.meta.url).href;
const segment = String.raw`\.arrow$`;

after(cleanUp);

function startWith(point: KillPoint) {
  const environment = {
    NODE_OPTIONS: `--import=${hook}`,
    ARCHER_KILL_POINT: JSON.stringify(point),
  };
  return startRecorder(['--batch-max-rows', '1'], undefined, environment);
}

async function send(port: number, name: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(requestOf(field(5, name))),
  });
  await response.arrayBuffer();
  return response.status;
}

describe('lane death', () => {
  it('a lane that dies once: what was acknowledged is archived once, and recording goes on', async () => {
    const marker = join(makeFolder(), 'thrown');
    const point: KillPoint = { call: 'write', path: segment, nth: 3, when: 'throw', marker };
    const recorder = await startWith(point);
    const acknowledged: string[] = [];
    for (let count = 0; count < 40 && acknowledged.length < 6; count++) {
      const name = `span ${count}`;
      if ((await send(recorder.ports.http, name)) === 200) acknowledged.push(name);
    }
    assert.equal(acknowledged.length, 6, recorder.stderr());
    assert.match(recorder.stderr(), /the lane died: a defect.*it is started again/);
    await recorder.stop();
    const names = readArchive(recorder.outputDir).map(({ name }) => name);
    for (const name of acknowledged) {
      assert.equal(names.filter((found) => found === name).length, 1, name);
    }
  });

  it('a lane that dies three times within a minute: the recorder ends with exit 1', async () => {
    const point: KillPoint = { call: 'write', path: segment, nth: 1, when: 'throw' };
    const recorder = await startWith(point);
    const ended = new Promise((resolve) => recorder.child.once('exit', resolve));
    await send(recorder.ports.http, 'a').catch(() => 0);
    assert.equal(await ended, 1);
    assert.match(recorder.stderr(), /3 times within a minute/);
  });
});
